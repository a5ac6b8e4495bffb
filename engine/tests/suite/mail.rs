//! Letters: sent over a real SMTP server, with the files of the job or links to them, and as webhooks in all else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use esteira_engine::artifact::{NewFile, Store};
use esteira_engine::id::{WebhookId, WorkerId};
use esteira_engine::job::{Decision, JobError};
use esteira_engine::queue::{self, FinishedArtifact, Outcome, Submission};
use esteira_engine::tenant::Tenant;
use esteira_engine::webhook::{
    self, Delivery, DeliveryOptions, DeliveryState, MailOptions, MailRules, NewWebhook, SendError,
    SigningSecret, UrlRules,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::{Harness, KIND, OTHER_KIND, outcome};

const PATIENCE: Duration = Duration::from_secs(60);

/// What aiosmtpd does with letters: it refuses those to nobody@, puts off those to later@, and writes down the others.
const SERVER: &str = r#"
import asyncio, pathlib, sys
from aiosmtpd.controller import Controller

class Keep:
    def __init__(self, folder):
        self.folder, self.count = pathlib.Path(folder), 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of that name"
        if address.startswith("later@"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        (self.folder / f"{self.count}.part").write_bytes(envelope.content)
        (self.folder / f"{self.count}.part").rename(self.folder / f"{self.count}.eml")
        return "250 kept"

controller = Controller(Keep(sys.argv[1]), hostname="127.0.0.1", port=int(sys.argv[2]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
"#;

/// An SMTP server that is gone with the test.
struct PostOffice {
    folder: TempDir,
    port: u16,
    _process: Child,
}

fn python() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    cache.join("esteira/test-tools/bin/python")
}

impl PostOffice {
    async fn open() -> Self {
        use std::process::Stdio;
        use tokio::io::AsyncBufReadExt;
        let folder = TempDir::new().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = Command::new(python())
            .args(["-c", SERVER])
            .arg(folder.path())
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("ops/test.sh installs aiosmtpd");
        let mut said = tokio::io::BufReader::new(process.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, said.next_line()).await.expect("it starts").unwrap();
        assert_eq!(first.as_deref(), Some("ready"), "ops/test.sh installs aiosmtpd");
        Self { folder, port, _process: process }
    }

    fn options(&self) -> MailOptions {
        let url = format!("smtp://127.0.0.1:{}", self.port);
        MailOptions::new(&url, "Esteira <reports@esteira.example>", "pt-BR", PATIENCE).unwrap()
    }

    /// The letter of a number, from 1 on, once it is there.
    async fn letter(&self, number: usize) -> String {
        let path = self.folder.path().join(format!("{number}.eml"));
        let arriving = async {
            while !path.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, arriving).await.expect("it arrives");
        // Long lines are broken by this, in text that is nearly ASCII.
        std::fs::read_to_string(path).unwrap().replace("=\r\n", "")
    }

    fn letters(&self) -> usize {
        let is_letter = |path: &Path| path.extension().is_some_and(|extension| extension == "eml");
        std::fs::read_dir(self.folder.path())
            .unwrap()
            .filter(|entry| is_letter(&entry.as_ref().unwrap().path()))
            .count()
    }
}

/// A process that delivers, until it is dropped.
fn deliverer(h: &Harness, mail: MailOptions) -> AbortOnDropHandle<()> {
    let urls =
        UrlRules { mail: Some(MailRules::new(&["padaria.example".to_owned()])), ..UrlRules::default() };
    let options = DeliveryOptions {
        urls,
        mail: Some(mail),
        poll: Duration::from_millis(10),
        timeout: PATIENCE,
        ..DeliveryOptions::default()
    };
    let run = webhook::run(
        h.engine.clone(),
        options,
        WorkerId::new(),
        Duration::from_secs(10),
        CancellationToken::new(),
    );
    AbortOnDropHandle::new(tokio::spawn(run))
}

async fn webhook(h: &Harness, tenant: &Tenant, url: &str, kinds: Option<&[&str]>) -> WebhookId {
    let new = NewWebhook {
        url: url.parse().unwrap(),
        description: String::new(),
        events: vec!["job.succeeded".into(), "job.failed".into()],
        kinds: kinds.map(|kinds| kinds.iter().map(|&kind| kind.to_owned()).collect()),
        secret: SigningSecret::draw().unwrap(),
    };
    h.engine.create_webhook(tenant, &new, 20).await.unwrap().id
}

/// A file of a job that is really there.
async fn file(store: &Store, tenant: &Tenant, name: &str, content: &[u8]) -> FinishedArtifact {
    let object_key = format!("tenants/{}/test/{name}", tenant.id);
    let stored = store.put(&object_key, "application/pdf", 1 << 20, &mut &content[..]).await.unwrap();
    FinishedArtifact {
        name: name.into(),
        media_type: "application/pdf".into(),
        bytes: stored.bytes,
        sha256: vec![0; 32],
        object_key,
    }
}

/// A job of a kind that ends so.
async fn ended(h: &Harness, tenant: &Tenant, kind: &str, end: Outcome) {
    let asked = Submission { kind: kind.into(), input: json!({"n": 1}), ..Submission::default() };
    h.engine.submit(tenant, &asked).await.unwrap();
    let worker = h.worker().await;
    let mut leases = queue::claim(&h.db, worker, kind, 1, Duration::from_secs(1)).await.unwrap();
    queue::settle(&h.db, tenant, &leases.remove(0), &end).await.unwrap();
}

async fn delivery(
    h: &Harness,
    tenant: &Tenant,
    id: WebhookId,
    is_so: impl Fn(&Delivery) -> bool,
) -> Delivery {
    let waiting = async {
        loop {
            let mut items = h.engine.deliveries(tenant, id, None, None, 10).await.unwrap().items;
            if let Some(found) = items.pop().filter(&is_so) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes true")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_brings_the_files_that_fit_and_links_to_the_others() {
    let (h, office) = (Harness::new().await, PostOffice::open().await);
    let acme = h.tenant("acme").await;
    let id = webhook(&h, &acme, "mailto:ana@padaria.example", Some(&[KIND])).await;
    let _deliverer = deliverer(&h, MailOptions { attach_bytes: 12, ..office.options() });
    let artifacts = vec![
        file(&h.store, &acme, "report.pdf", b"%PDF-1.7\xe2x").await,
        file(&h.store, &acme, "report.xlsx", b"PK of many bytes").await,
    ];
    let output =
        json!({"title": "Relatório de uso", "summary": "12 trabalhos terminaram.", "locale": "pt-BR"});
    let done = outcome(Decision::Succeed, "succeeded");
    // Of another kind nobody is told.
    ended(&h, &acme, OTHER_KIND, outcome(Decision::Succeed, "succeeded")).await;
    ended(&h, &acme, KIND, Outcome { output: Some(output), artifacts, ..done }).await;
    let letter = office.letter(1).await;
    for part in ["To: ana@padaria.example", "From: Esteira <reports@esteira.example>", "JVBERi0xLjfieA=="] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    assert!(letter.contains("X-Amz-Signature"), "{letter}");
    let told = delivery(&h, &acme, id, |told| told.state == DeliveryState::Delivered).await;
    let attempt = told.attempts.first().unwrap();
    assert_eq!((attempt.status, attempt.error), (Some(250), None));
    assert!(letter.contains(&format!("Message-ID: <{}@esteira.example>", told.id)), "{letter}");
    assert_eq!(office.letters(), 1);
    assert_eq!(h.engine.deliveries(&acme, id, None, None, 10).await.unwrap().items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_letter_is_given_up_one_that_is_put_off_is_tried_again_and_a_foreign_domain_gets_none() {
    let (h, office) = (Harness::new().await, PostOffice::open().await);
    let acme = h.tenant("acme").await;
    let nobody = webhook(&h, &acme, "mailto:nobody@padaria.example", None).await;
    let later = webhook(&h, &acme, "mailto:later@padaria.example", None).await;
    let foreign = webhook(&h, &acme, "mailto:ana@elsewhere.example", None).await;
    let _deliverer = deliverer(&h, office.options());
    let error =
        JobError { code: "bad".into(), message: "page 7 is torn".into(), retryable: false, attempt: 1 };
    ended(&h, &acme, KIND, Outcome { error: Some(error), ..Outcome::new(Decision::Fail, "failed") }).await;
    let told = delivery(&h, &acme, nobody, |told| told.state == DeliveryState::Failed).await;
    let attempt = told.attempts.first().unwrap();
    assert_eq!((attempt.status, attempt.error), (Some(550), Some(SendError::MailRefused)));
    assert!(attempt.excerpt.as_deref().unwrap().contains("nobody of that name"), "{attempt:?}");
    let told = delivery(&h, &acme, later, |told| !told.attempts.is_empty()).await;
    let attempt = told.attempts.first().unwrap();
    assert_eq!((told.state, attempt.error), (DeliveryState::Pending, Some(SendError::MailPutOff)));
    let told = delivery(&h, &acme, foreign, |told| !told.attempts.is_empty()).await;
    assert_eq!(told.attempts.first().unwrap().error, Some(SendError::UrlRefused));
    assert_eq!(office.letters(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_an_address_is_a_letter_without_files() {
    let (h, office) = (Harness::new().await, PostOffice::open().await);
    let acme = h.tenant("acme").await;
    let upload = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    h.engine.put_file(&acme, &upload, &b"hello"[..]).await.unwrap();
    let id = webhook(&h, &acme, "mailto:ana@padaria.example", None).await;
    let _deliverer = deliverer(&h, office.options());
    h.engine.test_webhook(&acme, id).await.unwrap();
    let letter = office.letter(1).await;
    assert!(letter.contains("Subject: Esteira: teste"), "{letter}");
    assert!(!letter.contains("attachment"), "{letter}");
}
