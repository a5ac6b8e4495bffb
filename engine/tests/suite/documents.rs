//! Documents: found by what they say, in the words of their language, by their tenant alone, and gone with their jobs.

use std::time::Duration;

use esteira_engine::document::{Hit, Position, SearchError, SearchOptions, Wanted};
use esteira_engine::id::JobId;
use esteira_engine::job::{Job, JobState};
use esteira_engine::tenant::{LimitsChange, Tenant};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::Harness;
use crate::retention::{days_pass, prune};
use crate::worker::{Running, end, submit};

/// A contract in Portuguese, of two pages.
pub fn contract() -> Value {
    json!({
        "mode": "document",
        "head": {"title": "Contrato de locação", "language": "pt-BR", "pages": 2, "source": "upload://x",
                 "metadata": {"author": "Ana"}},
        "passages": [
            {"page": 1, "text": "As informações do locatário constam do anexo, e a AÇÃO judicial corre no foro."},
            {"page": 2, "text": "É possível rescindir <b>este</b> contrato & seus aditivos a qualquer momento."},
        ],
    })
}

/// A talk in English, of some seconds.
fn talk() -> Value {
    json!({
        "mode": "document",
        "head": {"title": "Standup", "language": "eng", "seconds": 9.5, "metadata": {}},
        "passages": [
            {"seconds": [0.0, 4.5], "text": "We are running the cafés of the city."},
            {"seconds": [4.5, 9.5], "text": "They ran three contracts yesterday."},
        ],
    })
}

/// Does a job and gives it.
pub async fn done(h: &Harness, tenant: &Tenant, input: Value) -> Job {
    end(h, tenant, submit(h, tenant, input).await).await
}

async fn ask(h: &Harness, tenant: &Tenant, query: &str) -> Vec<Hit> {
    let wanted = Wanted { query: query.into(), ..Wanted::default() };
    h.engine.search(tenant, &SearchOptions::default(), &wanted, None, 50).await.unwrap().items
}

async fn count(h: &Harness, tenant: &Tenant) -> (i64, i64) {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    sqlx::query_as("select (select count(*) from documents), (select count(*) from passages)")
        .fetch_one(tx.conn())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passage_is_found_by_its_words_without_their_accents_capitals_and_endings() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let job = done(&h, &acme, contract()).await;
    assert_eq!(job.state, JobState::Succeeded, "{:?}", job.error);
    done(&h, &acme, talk()).await;
    worker.stop().await;
    for (query, places) in [
        ("informações", vec![Some(1)]),
        ("informacoes", vec![Some(1)]),
        ("informação", vec![Some(1)]),
        ("informacao", vec![Some(1)]),
        ("acao judicial", vec![Some(1)]),
        ("\"ação judicial\"", vec![Some(1)]),
        ("\"judicial ação\"", vec![]),
        ("POSSIVEL", vec![Some(2)]),
        ("rescisão or rescindindo", vec![Some(2)]),
        ("locacao", vec![None]),
        ("contratos -aditivos", vec![None]),
        ("nada", vec![]),
        ("de", vec![]),
    ] {
        let mut hits = ask(&h, &acme, query).await;
        hits.retain(|hit| hit.job == job.id);
        assert_eq!(hits.iter().map(|hit| hit.page).collect::<Vec<_>>(), places, "{query}");
    }
    for (query, seconds) in
        [("run cafe", vec![0.0]), ("cafés", vec![0.0]), ("contract", vec![4.5]), ("standups", vec![])]
    {
        let hits = ask(&h, &acme, query).await;
        let found: Vec<f64> = hits.iter().filter_map(|hit| Some(hit.seconds?.0)).collect();
        assert_eq!(found, seconds, "{query}");
    }
    // A word of the title counts for more than one of the text.
    let best = &ask(&h, &acme, "contrato").await[0];
    assert_eq!((best.page, best.snippet.as_str()), (None, "<mark>Contrato</mark> de locação"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snippet_is_escaped_but_for_its_marks() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    let text = "price & \u{2}script\u{3} 'quoted' word";
    let input =
        json!({"mode": "document", "head": {"title": "T", "metadata": {}}, "passages": [{"text": text}]});
    done(&h, &acme, input).await;
    worker.stop().await;
    let snippet = ask(&h, &acme, "informacao").await[0].snippet.clone();
    assert_eq!(
        snippet,
        "<mark>informações</mark> do locatário constam do anexo, e a AÇÃO judicial corre no foro"
    );
    let snippet = ask(&h, &acme, "word").await[0].snippet.clone();
    assert_eq!(snippet, "price &amp;  script  &#39;quoted&#39; <mark>word</mark>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_there_once_its_job_has_succeeded_and_another_tenants_never() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let worker = Running::start(&h, |_| {}).await;
    let mut failing = contract();
    failing["fail"] = json!("no");
    assert_eq!(done(&h, &acme, failing).await.state, JobState::Failed);
    assert!(ask(&h, &acme, "contrato").await.is_empty());
    let job = done(&h, &acme, contract()).await;
    worker.stop().await;
    assert!(!ask(&h, &acme, "contrato").await.is_empty());
    let listed = h.engine.documents(&acme, &Default::default(), None, 10).await.unwrap();
    assert!(listed.next.is_none() && listed.items.len() == 1);
    let document = h.engine.document(&acme, listed.items[0].id).await.unwrap().unwrap();
    assert_eq!((document.job, document.pages, document.passages), (job.id, Some(2), 2));
    assert_eq!((document.language.as_deref(), &document.metadata["author"]), (Some("pt-BR"), &json!("Ana")));
    assert_eq!((document.source.as_deref(), document.truncated), (Some("upload://x"), false));
    assert!(ask(&h, &other, "contrato").await.is_empty());
    assert!(h.engine.documents(&other, &Default::default(), None, 10).await.unwrap().items.is_empty());
    assert!(h.engine.document(&other, document.id).await.unwrap().is_none());
    let mut tx = h.db.begin_as(&other).await.unwrap();
    for table in ["documents", "passages", "settled_documents"] {
        let sql = format!("select 1 from tenant_acme_schema.{table}");
        let refused = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(tx.conn()).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{refused}");
        tx = h.db.begin_as(&other).await.unwrap();
    }
}

/// Puts documents of one page each into a tenant's tables, as if its jobs had read them.
async fn past(h: &Harness, tenant: &Tenant, documents: usize, text: &str) {
    let ids: Vec<_> = (0..documents).map(|_| JobId::new().0).collect();
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    for sql in [
        "insert into jobs (id, kind, input, input_bytes, priority, max_attempts, timeout_seconds, run_at)
         select id, 'test.noop', '{}', 2, 0, 5, 60, now() from unnest($1::uuid[]) as id where $2 <> ''",
        "insert into outcomes (job_id, state, attempt, lease)
         select id, 'succeeded', 1, 1 from unnest($1::uuid[]) as id where $2 <> ''",
        "insert into documents (id, job_id, lease, kind, title)
         select id, id, 1, 'test.noop', 'A document' from unnest($1::uuid[]) as id where $2 <> ''",
        "insert into passages (document_id, number, page, dictionary, text)
         select id, 1, 1, 'english', $2 from unnest($1::uuid[]) as id",
    ] {
        sqlx::query(sql).bind(&ids).bind(text).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn pages_of_hits_pass_nothing_over_and_repeat_nothing_though_documents_come_and_go() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 20, "the same words").await;
    past(&h, &acme, 3, "the same words, and the same again").await;
    let wanted = Wanted { query: "same words".into(), ..Wanted::default() };
    let (mut seen, mut after) = (Vec::new(), None::<Position>);
    loop {
        let page =
            h.engine.search(&acme, &SearchOptions::default(), &wanted, after.as_ref(), 7).await.unwrap();
        seen.extend(page.items.iter().map(|hit| hit.document));
        // What comes now stands before what was seen, or after what is to be seen.
        past(&h, &acme, 1, "the same words").await;
        match page.next {
            // As a caller would bring it back.
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    let before = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((before, seen.len()), (23, 23));
    let other = Wanted { query: "words".into(), ..Wanted::default() };
    let refused = h.engine.search(&acme, &SearchOptions::default(), &other, after.as_ref(), 7).await;
    assert!(matches!(refused, Err(SearchError::OtherQuestion)), "{refused:?}");
}

#[tokio::test]
async fn a_kind_and_a_language_narrow_a_search() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 1, "words").await;
    for (kind, language, found) in
        [(None, None, 1), (Some("test.noop"), None, 1), (Some("test.other"), None, 0), (None, Some("pt"), 0)]
    {
        let wanted = Wanted {
            query: "words".into(),
            kind: kind.map(Into::into),
            language: language.map(|tag: &str| tag.parse().unwrap()),
        };
        let page = h.engine.search(&acme, &SearchOptions::default(), &wanted, None, 10).await.unwrap();
        assert_eq!(page.items.len(), found, "{kind:?} {language:?}");
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_refused() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 3_000, "very common words in many passages").await;
    let ask = async |query: &str, options: SearchOptions| {
        let wanted = Wanted { query: query.into(), ..Wanted::default() };
        h.engine.search(&acme, &options, &wanted, None, 10).await
    };
    let usual = SearchOptions::default();
    assert!(matches!(ask(" \n", usual).await, Err(SearchError::Empty)));
    assert!(matches!(ask("-words", usual).await, Err(SearchError::OnlyWithout)));
    assert!(matches!(ask(&"x".repeat(501), usual).await, Err(SearchError::TooLong { limit: 500 })));
    assert_eq!(ask("\"", usual).await.unwrap().items.len(), 0);
    let hasty = SearchOptions { longest: Duration::from_millis(1), ..usual };
    assert!(matches!(ask("common", hasty).await, Err(SearchError::TooBroad)));
    let mut old = acme.clone();
    old.schema_version = 6;
    let wanted = Wanted { query: "x".into(), ..Wanted::default() };
    let behind = h.engine.search(&old, &usual, &wanted, None, 10).await;
    assert!(matches!(behind, Err(SearchError::Behind)), "{behind:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_a_thousand_pages_is_kept_and_what_passes_the_limit_is_left_out_and_told() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let text = "uma página como outra qualquer ".repeat(20);
    let book = json!({
        "mode": "document", "times": 1_000,
        "head": {"title": "Livro", "language": "pt", "pages": 1_000, "metadata": {}},
        "passages": [{"page": 1, "text": text}],
    });
    let worker = Running::start(&h, |_| {}).await;
    assert_eq!(done(&h, &acme, book.clone()).await.error, None);
    worker.stop().await;
    assert_eq!(count(&h, &acme).await, (1, 1_001));
    let brief = Running::start(&h, |options| options.documents.passages = 700).await;
    let job = done(&h, &acme, book).await;
    brief.stop().await;
    let listed = h.engine.documents(&acme, &Default::default(), None, 10).await.unwrap().items;
    assert_eq!(listed[0].job, job.id);
    assert_eq!((listed[0].passages, listed[0].truncated), (700, true));
    assert_eq!((listed[1].passages, listed[1].truncated), (1_000, false));
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    let log: Value = sqlx::query_scalar("select log from attempts where job_id = $1")
        .bind(job.id.0)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(log[0]["level"], "warn", "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_leaves_nonsense_fails_and_leaves_nothing_to_be_found() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let good = "{\"page\": 1, \"text\": \"contrato\"}\n";
    let cases = [
        ("lines", json!("no JSON\n"), "bad_document"),
        ("lines", json!(format!("{good}{{\"text\": \"x\", \"page\": -1}}\n")), "bad_document"),
        ("lines", json!(format!("{good}{{\"text\": \"{}\"}}\n", "x".repeat(20_001))), "bad_document"),
        ("lines", json!(format!("{good}{{\"text\": \"x\", \"seconds\": [2.0, 1.0]}}\n")), "bad_document"),
        ("lines", json!(format!("{good}{{\"text\": \"broken off")), "bad_document"),
        ("removed", json!(true), "bad_document"),
        ("head", json!({"title": "T", "metadata": {}, "seconds": -1.0}), "bad_child"),
    ];
    for (field, value, code) in cases {
        let mut input = contract();
        input[field] = value;
        let job = done(&h, &acme, input.clone()).await;
        assert_eq!(job.error.map(|error| error.code).as_deref(), Some(code), "{input}");
    }
    worker.stop().await;
    assert!(ask(&h, &acme, "contrato").await.is_empty());
    assert_eq!(count(&h, &acme).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_go_with_their_jobs_and_with_their_tenant() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    worker.stop().await;
    assert_eq!(count(&h, &acme).await, (1, 3));
    days_pass(&h, 31).await;
    assert_eq!(prune(&h).await.unwrap().jobs, 1);
    assert_eq!(count(&h, &acme).await, (0, 0));
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    h.engine.create_tenant(&acme.slug, &LimitsChange::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_tenant_takes_its_documents_along() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    worker.stop().await;
    // Of a job that is not over: it stays behind, as the job does.
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::query(
        "with staged as (insert into documents (id, job_id, lease, kind, title)
                         values (gen_random_uuid(), gen_random_uuid(), 1, 'x', 'x') returning id)
         insert into passages (document_id, number, dictionary, text) select id, 0, 'simple', 'x' from staged",
    )
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    h.engine.export_tenant(&acme, std::fs::File::create(&path).unwrap()).await.unwrap();
    let copy = h.engine.import_tenant(&path, &"copy".parse().unwrap()).await.unwrap();
    assert_eq!(count(&h, &copy).await, (1, 3));
    let (was, is) = (ask(&h, &acme, "informacao").await, ask(&h, &copy, "informacao").await);
    assert_eq!((is.len(), &is[0].snippet, is[0].document), (1, &was[0].snippet, was[0].document));
}

#[tokio::test]
async fn a_search_looks_words_up_and_reads_no_whole_table() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 20_000, "common words").await;
    past(&h, &acme, 3, "a rarity").await;
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    for table in ["passages", "documents", "outcomes"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("analyze {table}"))).execute(tx.conn()).await.unwrap();
    }
    let plan: Vec<String> = sqlx::query_scalar(
        "explain select p.document_id from passages as p join settled_documents as d on d.id = p.document_id
         where p.dictionary = 'portuguese' and p.words @@ 'rarity'::text::tsquery
            or p.dictionary = 'english' and p.words @@ 'rariti'::text::tsquery
            or p.dictionary = 'simple' and p.words @@ 'rarity'::text::tsquery",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("passages_words") && !plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_of_one_tenant_leave_connections_to_all_others() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    // Whoever searches waits for this transaction, as for a question that takes long.
    let mut held = h.db.begin_as(&acme).await.unwrap();
    sqlx::query("lock table passages in access exclusive mode").execute(held.conn()).await.unwrap();
    let searches: Vec<_> = (0..20)
        .map(|_| {
            let (engine, acme) = (h.engine.clone(), acme.clone());
            tokio::spawn(async move {
                let options = SearchOptions { longest: Duration::from_secs(60), ..SearchOptions::default() };
                let wanted = Wanted { query: "contrato".into(), ..Wanted::default() };
                engine.search(&acme, &options, &wanted, None, 50).await
            })
        })
        .collect();
    h.until_waiting(2).await;
    assert_eq!(ask(&h, &other, "contrato").await.len(), 0);
    assert!(h.engine.jobs(&other, &Default::default(), None, 10).await.unwrap().items.is_empty());
    drop(held);
    for search in searches {
        assert!(search.await.unwrap().unwrap().items.is_empty());
    }
}

#[tokio::test]
async fn a_heap_of_minus_signs_is_refused() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let wanted = Wanted { query: format!("{}a", "-".repeat(100)), ..Wanted::default() };
    let refused = h.engine.search(&acme, &SearchOptions::default(), &wanted, None, 10).await;
    assert!(matches!(refused, Err(SearchError::TooManyWithout)), "{refused:?}");
}
