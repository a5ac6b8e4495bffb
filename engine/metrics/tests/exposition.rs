//! What Prometheus gets, in both forms: names, units and helps as `promtool` wants them, and a bound on their number.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use esteira_metrics::{
    AttemptSeen, CallEnd, DatabaseOverview, Exemplar, Fault, Format, KindOverview, Meter, Overview, Pool,
    Scrape, StoreMeter, TableOverview, TenantName, TenantOverview, serve,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const KIND: &str = "video.generate";

fn second(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A process in which everything has happened at least once.
fn busy() -> Scrape {
    let (meter, store) = (Meter::default(), StoreMeter::default());
    let exemplar = Exemplar { job: Uuid::nil(), trace: Some(0xabc) };
    let acme = TenantName { id: 1, slug: "acme" };
    meter.jobs().has_slots(KIND, 2);
    meter.jobs().submitted(KIND, 3);
    meter.tenants().submitted(acme, 3);
    for (ended, outcome, code) in [
        ("succeeded", Some("succeeded"), None),
        ("failed", Some("failed"), Some("stalled")),
        ("crashed", None, Some("crashed")),
    ] {
        let busy = meter.jobs().started(KIND, second(1), second(2), exemplar);
        meter.tenants().waited(acme, second(1), second(2));
        meter.jobs().claimed(KIND, Duration::from_millis(2));
        meter.jobs().settled(KIND, Duration::from_millis(5));
        let (cpu_seconds, peak_bytes) = (1.5, 1 << 28);
        let run = second(7200);
        meter.jobs().ended(&AttemptSeen {
            kind: KIND,
            ended,
            outcome,
            code,
            run,
            cpu_seconds,
            peak_bytes,
            exemplar,
        });
        meter.tenants().ended(acme, ended, run);
        drop(busy);
    }
    meter.jobs().rescued(KIND, None);
    meter.webhooks().sent("again", Some("timeout"), second(10));
    meter.schedules().decided("fired", Duration::from_millis(40));
    meter.api().answered("/v1/jobs/{id}", "GET", 200, Duration::from_millis(3));
    meter.postgres().called("claim");
    meter.postgres().failed(Fault::PoolExhausted);
    meter.postgres().look(Pool { busy: 1, idle: 2, most: 4 });
    meter.lead().asked("retention", Some(3));
    meter.works_in("/".into());
    store.called("GetObject", CallEnd::Ok, Duration::from_millis(8));
    meter.overview(Some(Overview {
        kinds: vec![KindOverview { kind: KIND.into(), queued: 4, ..KindOverview::default() }],
        tenants: vec![TenantOverview {
            tenant: "acme".into(),
            queued: 4,
            running: 1,
            oldest_ready_seconds: 9.0,
        }],
        all_tenants: 1,
        tenants_behind: 0,
        webhooks_waiting: 1,
        webhooks_oldest_seconds: 2.0,
        schedules_due: 0,
        schedules_late_seconds: 0.0,
        database: DatabaseOverview {
            tables: vec![TableOverview { table: "queue".into(), dead_rows: 7, bytes: 8192 }],
            sessions: Some(9),
            oldest_transaction_seconds: Some(0.5),
            ..DatabaseOverview::default()
        },
        took: Duration::from_millis(1),
        at: SystemTime::now(),
    }));
    Scrape { meter, store }
}

/// The value of a series, in whichever order a form writes its labels.
fn value(text: &str, series: &str) -> f64 {
    let asked = parts(series);
    let found = text.lines().find_map(|line| {
        let name = line.split(' ').next()?;
        (parts(name) == asked).then(|| line[name.len()..].trim_start())
    });
    let number = found.unwrap_or_else(|| panic!("no {series} in\n{text}"));
    number.split(' ').next().unwrap().parse().unwrap()
}

/// A name and its labels, sorted; no value of these tests has a blank or a comma.
fn parts(series: &str) -> (&str, Vec<&str>) {
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let mut labels: Vec<_> = labels.trim_end_matches('}').split(',').collect();
    labels.sort_unstable();
    (name, labels)
}

#[test]
fn promtool_has_nothing_to_say_about_names_units_and_helps() {
    let text = busy().write(Format::Classic);
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = promtool.wait_with_output().unwrap();
    assert!(
        said.status.success() && said.stderr.is_empty(),
        "{}\n{text}",
        String::from_utf8_lossy(&said.stderr)
    );
}

#[test]
fn both_forms_tell_the_same_numbers_and_open_metrics_which_job_stands_behind_them() {
    let scrape = busy();
    let (classic, open) = (scrape.write(Format::Classic), scrape.write(Format::OpenMetrics));
    let wait = format!("esteira_job_wait_seconds_sum{{kind=\"{KIND}\",behind=\"slot\"}}");
    // OpenMetrics wants a bound to look like a fraction.
    for (text, two_hours) in [(&classic, "7200"), (&open, "7200.0")] {
        let render = format!(
            "esteira_job_run_seconds_bucket{{kind=\"{KIND}\",ended=\"succeeded\",le=\"{two_hours}\"}}"
        );
        assert_eq!(value(text, &wait), 6.0);
        assert_eq!(value(text, &render), 1.0);
        assert_eq!(value(text, &format!("esteira_jobs_submitted_total{{kind=\"{KIND}\"}}")), 3.0);
        assert_eq!(
            value(
                text,
                &format!(
                    "esteira_jobs_finished_total{{kind=\"{KIND}\",outcome=\"failed\",code=\"stalled\"}}"
                )
            ),
            1.0
        );
        assert_eq!(value(text, &format!("esteira_stalls_total{{kind=\"{KIND}\"}}")), 1.0);
        assert_eq!(
            value(text, &format!("esteira_crashes_total{{kind=\"{KIND}\",cause=\"worker_lost\"}}")),
            1.0
        );
        assert_eq!(value(text, &format!("esteira_child_cpu_seconds_total{{kind=\"{KIND}\"}}")), 4.5);
        assert_eq!(value(text, "esteira_tenant_run_seconds_total{tenant=\"acme\"}"), 21600.0);
        assert_eq!(value(text, &format!("esteira_worker_busy_slots{{kind=\"{KIND}\"}}")), 0.0);
        assert_eq!(value(text, "esteira_postgres_pool_connections{state=\"idle\"}"), 2.0);
        assert!(value(text, "esteira_work_dir_free_bytes") > 0.0);
    }
    let id = Uuid::nil();
    assert!(open.contains(&format!("# {{job_id=\"{id}\",trace_id=\"{:032x}\"}} 7200", 0xabc)), "{open}");
    assert!(open.ends_with("# EOF\n") && !classic.contains(" # {"));
}

#[test]
fn a_process_that_does_not_lead_tells_nothing_of_the_whole() {
    let scrape = busy();
    assert!(scrape.write(Format::Classic).contains("esteira_queue_jobs{"));
    scrape.meter.overview(None);
    assert!(!scrape.write(Format::Classic).contains("esteira_queue_jobs"));
}

#[test]
fn ten_thousand_tenants_make_no_more_series_than_twenty_and_a_scrape_is_quick() {
    let scrape = busy();
    for id in 0..10_000 {
        let slug = format!("tenant_{id}");
        let tenant = TenantName { id, slug: &slug };
        scrape.meter.tenants().submitted(tenant, 1);
        scrape.meter.tenants().waited(tenant, second(1), second(1));
        scrape.meter.tenants().ended(tenant, "succeeded", second(1));
    }
    let began = Instant::now();
    let text = scrape.write(Format::OpenMetrics);
    let took = began.elapsed();
    let series = text.lines().filter(|line| line.contains("tenant=\"") && !line.starts_with('#')).count();
    assert!(series <= 21 * 5 + 2 + 4, "{series}");
    assert_eq!(value(&text, "esteira_tenant_jobs_submitted_total{tenant=\"other\"}"), 9_980.0);
    assert!(took < Duration::from_millis(50), "{took:?}");
}

#[test]
fn the_manual_names_every_metric_and_no_other() {
    let manual = include_str!("../../../docs/metrics.md");
    let named: BTreeSet<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name))
        .collect();
    let text = busy().write(Format::Classic);
    let told: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(named, told);
}

async fn asked(address: std::net::SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_listener_serves_metrics_in_the_form_that_is_asked_for_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop, scrape) = (listener.local_addr().unwrap(), CancellationToken::new(), busy());
    let serving = tokio::spawn(serve(listener, move |format| scrape.write(format), stop.clone()));
    let get =
        |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{more}\r\n");
    let classic = asked(address, &get("/metrics", "")).await;
    assert!(
        classic.starts_with("HTTP/1.1 200") && classic.contains("text/plain; version=0.0.4"),
        "{classic}"
    );
    let open =
        asked(address, &get("/metrics", "accept: application/openmetrics-text; version=1.0.0\r\n")).await;
    assert!(open.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{open}");
    assert!(open.contains("# EOF"));
    assert!(asked(address, &get("/v1/jobs", "")).await.starts_with("HTTP/1.1 404"));
    let post = "POST /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert!(asked(address, post).await.starts_with("HTTP/1.1 405"));
    stop.cancel();
    serving.await.unwrap();
}
