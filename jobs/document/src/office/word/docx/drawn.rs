//! What do the drawings and form fields in a run of a DOCX hold?

use super::super::super::ooxml::is_on;
use super::super::super::xml::Element;
use super::runs::{Extra, Runs};

impl<'t> Runs<'_, 't> {
    /// A drawing holds pictures, charts, diagrams and text boxes, at any depth.
    pub(super) fn drawing(&mut self, drawing: &'t Element) {
        let properties = drawing.find("docPr");
        let described = properties
            .and_then(|it| it.attr("descr").filter(|text| !text.is_empty()).or_else(|| it.attr("title")));
        self.shapes(drawing, described.unwrap_or_default());
    }

    pub(super) fn shapes(&mut self, parent: &'t Element, described: &str) {
        for element in parent.elements() {
            let extra = match &*element.name {
                "txbxContent" => Some(Extra::Box(element)),
                "pic" => {
                    let own = element.at(&["nvPicPr", "cNvPr"]).and_then(|it| it.attr("descr"));
                    let text = if described.is_empty() { own.unwrap_or_default() } else { described };
                    Some(Extra::Picture(text.to_owned()))
                }
                "imagedata" => {
                    let own = parent.attr("alt").or_else(|| element.attr("title"));
                    Some(Extra::Picture(own.unwrap_or_default().to_owned()))
                }
                "chart" => element.prefixed_attr("id").map(Extra::Chart),
                "relIds" => element.prefixed_attr("dm").map(Extra::Diagram),
                _ => {
                    self.shapes(element, described);
                    None
                }
            };
            self.content.extras.extend(extra);
        }
    }
}

/// What a field of an old form shows where its result does not say it.
pub fn form_value(form: &Element) -> String {
    if let Some(field) = form.child("checkBox") {
        let state = field.child("checked").or_else(|| field.child("default"));
        let is_checked = state.is_some_and(is_on);
        return if is_checked { "☒" } else { "☐" }.to_owned();
    }
    let Some(list) = form.child("ddList") else { return String::new() };
    let chosen = list.child("result").and_then(|it| it.number::<usize>("val")).unwrap_or_default();
    let entries = list.elements().filter(|it| &*it.name == "listEntry");
    entries.filter_map(|it| it.attr("val")).nth(chosen).unwrap_or_default().to_owned()
}
