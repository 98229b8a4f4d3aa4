//! How errors of the tensor library become the engine's errors.

use crate::engine::Error;

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Tensor(first_line(&error))
    }
}

/// The first line of a candle error: the message without the backtrace and the final full stop.
pub(super) fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
