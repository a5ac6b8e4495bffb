//! Tests of whole presentations.

use super::super::super::super::format::Format;
use super::super::super::super::model::{BlockKind, PageKind};
use super::super::super::archive::tests::packed;
use super::super::super::output::tests::kept;

fn deck(slide: &str) -> tempfile::NamedTempFile {
    deck_of(slide, "<p:sldId id='256' r:id='r1'/>")
}

fn deck_of(slide: &str, slides: &str) -> tempfile::NamedTempFile {
    let presentation = format!(
        "<p:presentation xmlns:r='r' xmlns:p='p'><p:sldIdLst>{slides}</p:sldIdLst>\
         <p:sldSz cx='9144000' cy='6858000'/></p:presentation>"
    );
    packed(&[
        (
            "_rels/.rels",
            b"<Relationships><Relationship Id='a' Type='x/officeDocument' Target='ppt/presentation.xml'/></Relationships>",
        ),
        (
            "ppt/presentation.xml",
            presentation.as_bytes(),
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            b"<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/slide1.xml'/></Relationships>",
        ),
        ("ppt/slides/slide1.xml", slide.as_bytes()),
        (
            "ppt/slides/_rels/slide1.xml.rels",
            b"<Relationships><Relationship Id='n' Type='x/notesSlide' Target='../notesSlides/n.xml'/></Relationships>",
        ),
        (
            "ppt/notesSlides/n.xml",
            b"<notes><cSld><spTree><sp><nvSpPr><nvPr><ph type='body'/></nvPr></nvSpPr>\
              <txBody><p><r><t>Fale devagar</t></r></p></txBody></sp></spTree></cSld></notes>",
        ),
    ])
}

fn shape(kind: &str, top: u32, text: &str) -> String {
    format!(
        "<sp><nvSpPr><nvPr>{kind}</nvPr></nvSpPr><spPr><xfrm><off x='0' y='{top}'/><ext cx='9' cy='9'/></xfrm></spPr>\
         <txBody><p><r><t>{text}</t></r></p></txBody></sp>"
    )
}

#[test]
fn the_title_comes_first_then_the_body_from_the_top_then_the_notes() {
    let file = deck(&format!(
        "<sld><cSld><spTree>{}{}{}<grpSp><grpSpPr><xfrm><off x='0' y='20'/><ext cx='9' cy='9'/></xfrm></grpSpPr>{}</grpSp>\
         </spTree></cSld></sld>",
        shape("", 40, "last"),
        shape("", 10, "first"),
        shape("<ph type='title'/>", 90, "Título"),
        shape("", 0, "grouped"),
    ));
    let (kept, metadata) = kept(Format::Pptx, file.path());
    assert_eq!(metadata.unwrap().pages, Some(1));
    assert_eq!(kept.texts(), ["Título", "first", "grouped", "last", "Fale devagar"]);
    let page = &kept.pages[0];
    assert_eq!((page.kind, page.name.as_deref(), page.width), (PageKind::Slide, Some("Título"), Some(720.0)));
    assert_eq!(page.blocks[4].kind, BlockKind::Comment);
}

#[test]
fn cells_that_a_span_covers_are_none_of_their_own() {
    let cell = |attributes: &str, text: &str| {
        format!("<tc {attributes}><txBody><p><r><t>{text}</t></r></p></txBody></tc>")
    };
    let file = deck(&format!(
        "<sld><cSld><spTree><graphicFrame><graphic><graphicData><tbl><tr>{}{}{}</tr><tr>{}{}{}</tr></tbl></graphicData>\
         </graphic></graphicFrame></spTree></cSld></sld>",
        cell("rowSpan='2'", "a"),
        cell("gridSpan='2'", "b"),
        cell("hMerge='1'", ""),
        cell("vMerge='1'", ""),
        cell("", "c"),
        cell("", "d"),
    ));
    let (kept, _) = kept(Format::Pptx, file.path());
    assert_eq!(kept.texts()[0], "a\tb\tb\na\tc\td");
}

#[test]
fn a_slide_that_is_named_again_and_again_is_read_once() {
    let slides = "<p:sldId id='256' r:id='r1'/>".repeat(9_000);
    let slide = format!("<sld><cSld><spTree>{}</spTree></cSld></sld>", shape("", 10, "um"));
    let (kept, metadata) = kept(Format::Pptx, deck_of(&slide, &slides).path());
    assert_eq!((metadata.unwrap().pages, kept.pages.len()), (Some(1), 1));
    assert!(kept.warned("repeated_slide"));
}
