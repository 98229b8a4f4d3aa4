//! What can go wrong, each as one sentence a person can act on.

use std::path::PathBuf;

/// An error of an engine. Its text is shown to people as it is: one sentence that says what happened, then
/// what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder that a model must have is not there.
    #[error("The model has no {what}: {} was not found.", path.display())]
    Missing {
        /// What the file is for.
        what: &'static str,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file is there but cannot be read.
    #[error("{} could not be read: {}.", path.display(), reason(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file was read and makes no sense.
    #[error("{} cannot be used: {reason}.", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model is of a kind this program does not run.
    #[error("This model cannot be run: {0}.")]
    Unsupported(String),
    /// A file is not what it was given as. The whole sentence: what the file is, then what to do.
    #[error("{0}")]
    File(String),
    /// A server that makes pictures for this program cannot be used. The whole sentence: what happened, then what to do.
    #[error("{0}")]
    Remote(String),
    /// A setting is outside its range.
    #[error("{0}")]
    Setting(String),
    /// The arithmetic left the range of numbers.
    #[error(
        "The model produced values that are not numbers while {during}; try a lower CFG scale, another sampler or another model."
    )]
    NonFinite {
        /// What was being done.
        during: &'static str,
    },
    /// The machine has too little free memory.
    #[error("{what} needs about {need_mb} MB of memory and {free_mb} MB are free; {advice}.")]
    Memory {
        /// What would not fit.
        what: &'static str,
        /// Estimated need.
        need_mb: u64,
        /// What the system says is available.
        free_mb: u64,
        /// What would help.
        advice: &'static str,
    },
    /// Something failed and something else changed with it.
    #[error("{error} {consequence}")]
    WithConsequence {
        /// What failed.
        error: Box<Error>,
        /// What is different now, as one sentence.
        consequence: &'static str,
    },
    /// The person pressed Cancel.
    #[error("Cancelled.")]
    Cancelled,
    /// Tensor arithmetic failed: shapes that do not fit each other.
    #[error("The model's weights do not fit together: {0}.")]
    Tensor(String),
    /// A bug in the engine or in a library it uses.
    #[error("An internal error stopped the engine: {0}. The details are in the log (UNDERPAINT_LOG=error).")]
    Internal(String),
}

/// An error of the file system without its number, which says nothing to people.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_named_without_the_systems_numbers() {
        let source = std::fs::File::open("/no/such/file").expect_err("missing");
        let text = Error::Unreadable { path: "/no/such/file".into(), source }.to_string();
        assert!(text.starts_with("/no/such/file could not be read: ") && !text.contains("os error"), "{text}");
    }
}
