//! Templates of tenants: what they may see, and what is said of their mistakes.

use std::io::Cursor;

use esteira_report::{Input, Made, Materials, ReportError, ReportLimits, render};
use serde_json::json;

use crate::samples;

fn set(source: &[u8], logo: Option<&[u8]>) -> Result<Vec<Made>, ReportError> {
    let input: Input = serde_json::from_value(json!({
        "report": "upload://0192f0c1-2345-7abc-8def-000000000001", "period": "last_7_days", "locale": "pt-BR",
        "formats": ["pdf", "json"],
    }))
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials { logo, template: Some(source), scratch: folder.path() };
    render(&input, &samples::busy(), &materials, &ReportLimits::default())
}

fn mistake(source: &str) -> String {
    match set(source.as_bytes(), None) {
        Err(ReportError::Template(message)) => message,
        other => panic!("no mistake was found in {source}: {:?}", other.map(|made| made.len())),
    }
}

#[test]
fn a_template_is_set_with_the_report_the_dataset_and_the_logo() {
    let mut logo = Cursor::new(Vec::new());
    image::RgbImage::new(8, 4).write_to(&mut logo, image::ImageFormat::Png).unwrap();
    let source = r#"
        #let report = json("/report.json")
        #let data = json("/dataset.json")
        #set document(title: report.title)
        = #report.title
        #image("/logo", width: 2cm)
        #assert.eq(data.tenant, "padaria")
        #assert(report.figures.len() >= 16)
        #table(columns: 2, ..data.activity.failures.map(f => (f.code, str(f.jobs))).flatten())
        Soma: $ sum_(i=1)^n i $
    "#;
    let made = set(source.as_bytes(), Some(logo.get_ref())).unwrap();
    assert!(made[0].bytes.starts_with(b"%PDF-"));
    assert_eq!((made.len(), made[1].name), (2, "report.json"));
    assert_eq!(made, set(source.as_bytes(), Some(logo.get_ref())).unwrap());
}

#[test]
fn a_mistake_gives_its_line_and_what_it_is() {
    assert!(mistake("um\n\n#tres").starts_with("line 3, column 2: unknown variable: tres"));
    assert!(mistake("#let x = (1, 2\nmais").starts_with("line 1"));
    assert!(mistake("a\n#panic(\"não\")").contains("line 2"), "{}", mistake("a\n#panic(\"não\")"));
    assert!(mistake("#let f(x) = x + 1\n\n#f(\"a\")").contains("line"));
    match set(b"a\n\xff\xfe", None) {
        Err(ReportError::Template(message)) => assert_eq!(message, "line 2: the template is no UTF-8"),
        other => panic!("{:?}", other.map(|made| made.len())),
    }
}

#[test]
fn a_template_sees_no_other_file_no_package_and_no_clock() {
    for source in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../../etc/passwd\")",
        "#json(\"/work.json\")",
        "#include \"/report.typ\"",
        "#image(\"/logo\")",
    ] {
        let said = mistake(source);
        assert!(said.starts_with("line 1, column "), "{said}");
    }
    assert!(mistake("#import \"@preview/cetz:0.3.0\": *").contains("packages are not available here"));
    // The day is that of the data.
    set(b"#assert.eq(datetime.today().display(), \"2026-11-30\")", None).unwrap();
}

#[test]
fn a_template_without_an_end_is_refused() {
    assert!(mistake("#let f(x) = f(x + 1)\n#f(1)").contains("maximum function call depth exceeded"));
    assert!(mistake("#while true {}").contains("infinite"));
    mistake(&format!("#{}{}", "(".repeat(5_000), ")".repeat(5_000)));
}
