//! Answers that say what went wrong, in the shape of the web UI's.

use hyper::StatusCode;
use serde_json::{Value, json};

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub status: StatusCode,
    /// The kind of error, as the web UI names it.
    kind: &'static str,
    /// One sentence: what happened, then what to do.
    sentence: String,
    /// The fields that are wrong, where that is what happened.
    fields: Vec<WrongField>,
}

/// One field of a request that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrongField {
    /// Its name.
    pub name: String,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// A failure with one sentence.
    pub fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, kind: "HTTPException", sentence: sentence.into(), fields: Vec::new() }
    }

    /// A value that cannot be used (422).
    pub fn value(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    /// Fields that cannot be used (422).
    pub fn fields(fields: Vec<WrongField>) -> Self {
        let text = |field: &WrongField| format!("{} {}", field.name, field.message);
        let sentence = format!("{}.", fields.iter().map(text).collect::<Vec<_>>().join("; "));
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, kind: "RequestValidationError", sentence, fields }
    }

    /// A task beside the connections did not end as it should.
    pub fn internal(reason: &str) -> Self {
        tracing::error!("a request could not be worked on: {reason}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "An internal error stopped the request; details are in the log.")
    }

    /// The JSON body.
    pub fn body(&self) -> Value {
        let detail = if self.fields.is_empty() {
            json!(self.sentence)
        } else {
            let field = |f: &WrongField| json!({"loc": ["body", f.name], "msg": f.message, "type": "value_error"});
            self.fields.iter().map(field).collect()
        };
        json!({"error": self.kind, "detail": detail, "body": "", "errors": self.sentence})
    }
}
