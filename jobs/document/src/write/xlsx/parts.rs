//! Which files does a workbook have besides its sheets?

use super::style;
use super::xml::{HEAD, MAIN, RELATIONS};

const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The path of sheet `number`, from 1 on.
pub fn sheet_path(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// The paths and texts of all parts that are no sheet, for sheets of these names. Names need no escape.
pub fn parts(names: &[String]) -> [(&'static str, String); 5] {
    [
        ("xl/workbook.xml", workbook(names)),
        ("xl/_rels/workbook.xml.rels", workbook_relations(names.len())),
        ("xl/styles.xml", style::part()),
        ("_rels/.rels", relations()),
        ("[Content_Types].xml", content_types(names.len())),
    ]
}

fn workbook(names: &[String]) -> String {
    let sheets: String = (1..)
        .zip(names)
        .map(|(id, name)| format!(r#"<sheet name="{name}" sheetId="{id}" r:id="rId{id}"/>"#))
        .collect();
    format!(r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>"#)
}

fn workbook_relations(sheets: usize) -> String {
    let list: String = (1..=sheets)
        .map(|id| {
            format!(
                r#"<Relationship Id="rId{id}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{id}.xml"/>"#
            )
        })
        .collect();
    let styles = sheets + 1;
    format!(
        r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{list}<Relationship Id="rId{styles}" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>"#
    )
}

fn relations() -> String {
    format!(
        r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    )
}

fn content_types(sheets: usize) -> String {
    let list: String = (1..=sheets)
        .map(|number| {
            let path = sheet_path(number);
            format!(r#"<Override PartName="/{path}" ContentType="{TYPES}.worksheet+xml"/>"#)
        })
        .collect();
    format!(
        concat!(
            r#"{HEAD}<Types xmlns="{PACKAGE}/content-types">"#,
            r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
            r#"<Default Extension="xml" ContentType="application/xml"/>"#,
            r#"<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>"#,
            r#"<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{list}</Types>"#,
        ),
        HEAD = HEAD,
        PACKAGE = PACKAGE,
        TYPES = TYPES,
        list = list,
    )
}
