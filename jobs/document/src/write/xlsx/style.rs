//! How does a cell look? A small fixed table of styles, and the number of each.

use super::super::number::Number;

/// Digits after the decimal mark that have a style of their own.
const MOST_DECIMALS: usize = 10;

/// The styles before those of numbers: plain, text, header.
pub const TEXT: usize = 1;
/// Bold.
pub const HEADER: usize = 2;
const FIRST_NUMBER: usize = 3;

/// The number of the first own number format; lower ones are the application's.
const FIRST_FORMAT: usize = 164;

/// How numbers look: plain, with thousands, as shares.
const LOOKS: [(&str, &str); 3] = [("0", ""), ("#,##0", ""), ("0", "%")];

/// The style of a number.
pub fn of_number(number: &Number) -> usize {
    let look = if number.percent { 2 } else { usize::from(number.grouped) };
    FIRST_NUMBER + look * (MOST_DECIMALS + 1) + number.decimals.min(MOST_DECIMALS)
}

/// The part that lists the styles.
pub fn part() -> String {
    let codes: Vec<String> = LOOKS
        .iter()
        .flat_map(|(whole, end)| (0..=MOST_DECIMALS).map(move |decimals| code(whole, decimals, end)))
        .collect();
    let formats: String = (FIRST_FORMAT..)
        .zip(&codes)
        .map(|(id, code)| format!(r#"<numFmt numFmtId="{id}" formatCode="{code}"/>"#))
        .collect();
    let numbers: String = (FIRST_FORMAT..)
        .take(codes.len())
        .map(|id| {
            format!(
                r#"<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>"#
            )
        })
        .collect();
    format!(
        concat!(
            r#"{head}<styleSheet xmlns="{main}"><numFmts count="{count}">{formats}</numFmts>"#,
            r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>"#,
            r#"<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>"#,
            r#"<fills count="2"><fill><patternFill patternType="none"/></fill>"#,
            r#"<fill><patternFill patternType="gray125"/></fill></fills>"#,
            r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
            r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
            r#"<cellXfs count="{xfs}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
            // 49 is "@": a text that is edited stays one, even if it looks like a formula or a number.
            r#"<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">"#,
            r#"<alignment vertical="top" wrapText="1"/></xf>"#,
            r#"<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" "#,
            r#"applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>{numbers}</cellXfs>"#,
            r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
        ),
        head = super::xml::HEAD,
        main = super::xml::MAIN,
        count = codes.len(),
        formats = formats,
        xfs = codes.len() + FIRST_NUMBER,
        numbers = numbers,
    )
}

fn code(whole: &str, decimals: usize, end: &str) -> String {
    let mark = if decimals > 0 { "." } else { "" };
    format!("{whole}{mark}{}{end}", "0".repeat(decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_the_style_of_its_look() {
        let number = |decimals, grouped, percent| Number { value: 1.0, decimals, grouped, percent };
        assert_eq!(of_number(&number(0, false, false)), FIRST_NUMBER);
        assert_eq!(of_number(&number(2, true, false)), FIRST_NUMBER + 13);
        assert_eq!(of_number(&number(99, true, true)), FIRST_NUMBER + 32);
        assert!(part().contains(r##"<numFmt numFmtId="177" formatCode="#,##0.00"/>"##));
        assert_eq!(part().matches("<xf ").count(), FIRST_NUMBER + 33 + 1);
    }
}
