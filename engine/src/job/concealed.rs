//! Which values of an input does nobody get to see again? Those that the schema of its kind marks `writeOnly`.

use serde_json::Value;

/// What stands in the place of one.
const CONCEALED: &str = "***";
/// Steps from a property to what says that it is write-only: an option, a reference.
const DEEPEST: usize = 4;

/// The names of the properties of a schema that are write-only.
pub(super) fn write_only(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_one = |(_, property): &(&String, &Value)| is_write_only(property, schema, DEEPEST);
    properties.into_iter().flatten().filter(is_one).map(|(name, _)| name.clone()).collect()
}

fn is_write_only(property: &Value, schema: &Value, steps: usize) -> bool {
    if property.get("writeOnly") == Some(&Value::Bool(true)) {
        return true;
    }
    let Some(steps) = steps.checked_sub(1) else { return false };
    let referred = property.get("$ref").and_then(Value::as_str);
    let referred = referred.and_then(|place| schema.pointer(place.strip_prefix('#')?));
    let options = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| property.get(key)?.as_array());
    referred.into_iter().chain(options.flatten()).any(|option| is_write_only(option, schema, steps))
}

/// Puts something else in the place of what is not shown.
pub(super) fn conceal(input: &mut Value, names: &[String]) {
    for name in names {
        if let Some(value) = input.get_mut(name).filter(|value| !value.is_null()) {
            *value = CONCEALED.into();
        }
    }
}

/// Puts back what was concealed, wherever that is what an input has.
pub(super) fn keep(known: &Value, input: &mut Value, names: &[String]) {
    for name in names {
        if let Some(value) = input.get_mut(name).filter(|value| **value == CONCEALED)
            && let Some(kept) = known.get(name)
        {
            value.clone_from(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_write_only_is_found_behind_options_and_references() {
        let schema = json!({
            "properties": {
                "source": {"type": "string"},
                "plain": {"type": "string", "writeOnly": true},
                "option": {"anyOf": [{"$ref": "#/$defs/Password"}, {"type": "null"}]},
                "endless": {"$ref": "#/$defs/Endless"},
            },
            "$defs": {"Password": {"writeOnly": true}, "Endless": {"$ref": "#/$defs/Endless"}},
        });
        let mut names = write_only(&schema);
        names.sort();
        assert_eq!(names, ["option", "plain"]);
        let mut input = json!({"source": "s", "plain": "senha", "option": null});
        conceal(&mut input, &names);
        assert_eq!(input, json!({"source": "s", "plain": "***", "option": null}));
        assert!(write_only(&json!(true)).is_empty());
        let known = json!({"source": "s", "plain": "senha"});
        for (mut given, kept) in [
            (json!({"source": "t", "plain": "***"}), json!({"source": "t", "plain": "senha"})),
            (json!({"source": "***", "plain": "nova"}), json!({"source": "***", "plain": "nova"})),
            (json!({"source": "t"}), json!({"source": "t"})),
            (json!({"option": "***"}), json!({"option": "***"})),
            (json!("***"), json!("***")),
        ] {
            keep(&known, &mut given, &names);
            assert_eq!(given, kept);
        }
    }
}
