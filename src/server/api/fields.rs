//! Reads the fields of a JSON object, with the names and the leniency of the web UI's API.

use serde_json::{Map, Value};

use crate::server::failure::{Failure, WrongField};

/// The fields of a JSON object. `null` counts as not given. What is wrong is collected, so that all of it is told at once.
pub(in crate::server) struct Fields<'a> {
    object: &'a Map<String, Value>,
    wrong: Vec<WrongField>,
}

impl<'a> Fields<'a> {
    pub fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, wrong: Vec::new() }
    }

    /// Whether everything that was read could be.
    ///
    /// # Errors
    /// Everything that could not.
    pub fn finish(self) -> Result<(), Failure> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Failure::fields(self.wrong)) }
    }

    /// A field's value, if it is given.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Adds something that is wrong.
    pub fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.wrong.push(WrongField { name: name.into(), message: message.into() });
    }

    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.wrong(name, "must be a text");
                None
            }
        }
    }

    pub fn text(&mut self, name: &str) -> String {
        self.optional_text(name).unwrap_or_default()
    }

    pub fn optional_number(&mut self, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n: &f64| n.is_finite());
        if number.is_none() {
            self.wrong(name, "must be a number");
        }
        number
    }

    pub fn number(&mut self, name: &str, usual: f64) -> f64 {
        self.optional_number(name).unwrap_or(usual)
    }

    pub fn optional_whole(&mut self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        let whole = value.as_i64().or_else(|| {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
            (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
        });
        if whole.is_none() {
            self.wrong(name, "must be a whole number");
        }
        whole
    }

    pub fn whole(&mut self, name: &str, usual: i64) -> i64 {
        self.optional_whole(name).unwrap_or(usual)
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, name: &str, usual: usize) -> usize {
        let Some(whole) = self.optional_whole(name) else { return usual };
        usize::try_from(whole).unwrap_or_else(|_| {
            self.wrong(name, "must not be negative");
            usual
        })
    }

    /// `true` or `false`, also as 1 and 0 or as text.
    pub fn flag(&mut self, name: &str, usual: bool) -> bool {
        let Some(value) = self.value(name) else { return usual };
        let text = value.as_str().map(str::to_ascii_lowercase);
        let flag = match (value, text.as_deref()) {
            (Value::Bool(flag), _) => Some(*flag),
            (Value::Number(number), _) if number.as_f64() == Some(1.0) => Some(true),
            (Value::Number(number), _) if number.as_f64() == Some(0.0) => Some(false),
            (_, Some("true" | "1" | "on" | "yes")) => Some(true),
            (_, Some("false" | "0" | "off" | "no")) => Some(false),
            _ => None,
        };
        flag.unwrap_or_else(|| {
            self.wrong(name, "must be true or false");
            usual
        })
    }

    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let texts = value.as_array().and_then(|list| list.iter().map(|v| v.as_str().map(str::to_owned)).collect());
        texts.unwrap_or_else(|| {
            self.wrong(name, "must be a list of texts");
            Vec::new()
        })
    }

    pub fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.value(name)? {
            Value::Object(object) => Some(object),
            _ => {
                self.wrong(name, "must be an object");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn values_are_read_as_leniently_as_the_web_ui_reads_them() {
        let sent = object(json!({"steps": "20", "cfg": 7, "seed": 5.0, "on": 1, "off": "False", "none": null}));
        let mut fields = Fields::new(&sent);
        assert_eq!((fields.count("steps", 1), fields.number("cfg", 1.0), fields.whole("seed", -1)), (20, 7.0, 5));
        assert_eq!(
            (fields.flag("on", false), fields.flag("off", true), fields.flag("none", true)),
            (true, false, true)
        );
        assert_eq!((fields.count("none", 9), fields.text("none")), (9, String::new()));
        fields.finish().expect("all could be read");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let sent =
            object(json!({"steps": "many", "width": -3, "prompt": 7, "styles": [1], "s": {}, "x": 1.5, "b": "?"}));
        let mut fields = Fields::new(&sent);
        let _ = (fields.count("steps", 1), fields.count("width", 1), fields.text("prompt"), fields.texts("styles"));
        let _ = (fields.number("s", 1.0), fields.whole("x", 1), fields.flag("b", true), fields.object("steps"));
        let body = fields.finish().expect_err("wrong").body();
        let names: Vec<&str> =
            body["detail"].as_array().expect("a list").iter().map(|d| d["loc"][1].as_str().expect("a name")).collect();
        assert_eq!(names, ["steps", "width", "prompt", "styles", "s", "x", "b", "steps"]);
        assert!(body["errors"].as_str().expect("a sentence").contains("width must not be negative"));
    }
}
