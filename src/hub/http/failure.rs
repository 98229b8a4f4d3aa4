//! Whether trying again may help.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::hub::error::plain;
use crate::hub::{Control, FetchLimits, HubError};

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Failure {
    /// Trying again may help.
    Passing {
        /// The server.
        host: String,
        /// What happened.
        reason: String,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The file is another one than when it was first asked for.
    Changed,
    /// Trying again does not help.
    Final(HubError),
}

impl Failure {
    /// The failure of a connection.
    pub(super) fn of_network(error: ureq::Error, host: &str) -> Self {
        tracing::debug!(%error, host, "a request failed");
        let passing = |reason: String| Self::Passing { host: host.to_owned(), reason, wait: None };
        match error {
            ureq::Error::Io(error) => Self::of_reading(&error, host),
            ureq::Error::Timeout(_) => passing("it does not answer".into()),
            ureq::Error::HostNotFound => passing("no server of this name is known".into()),
            ureq::Error::ConnectProxyFailed(_) => passing("the proxy does not connect to it".into()),
            ureq::Error::Rustls(error) => Self::unsafe_connection(host, &error.to_string()),
            ureq::Error::Tls(reason) => Self::unsafe_connection(host, reason),
            ureq::Error::Protocol(_) => passing("its answer is not HTTP".into()),
            other => passing(other.to_string()),
        }
    }

    /// The failure of a connection while an answer is read.
    pub fn of_reading(error: &std::io::Error, host: &str) -> Self {
        let reason = match error.kind() {
            // rustls says so of certificates.
            ErrorKind::InvalidData => return Self::unsafe_connection(host, &error.to_string()),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => "it does not answer".into(),
            ErrorKind::ConnectionRefused => "it refuses the connection".into(),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => "the connection was cut".into(),
            _ => plain(error),
        };
        Self::Passing { host: host.to_owned(), reason, wait: None }
    }

    fn unsafe_connection(host: &str, reason: &str) -> Self {
        let reason = reason.trim_end_matches('.');
        Self::Final(HubError::Setup(format!(
            "No safe connection to {host} is possible ({reason}); check this machine's clock and certificates."
        )))
    }

    /// The error that is shown once there are no more tries.
    pub fn into_error(self) -> HubError {
        match self {
            Self::Final(error) => error,
            Self::Passing { host, reason, wait } => HubError::Unreachable { host, reason, wait },
            Self::Changed => HubError::Answer("The file changes while it is fetched; try again later.".into()),
        }
    }
}

/// How long to wait before a further try, after this many failures in a row; the error where there are none left, or the
/// server wants a longer wait than is bearable.
pub(in crate::hub) fn wait_before_next(
    failure: Failure,
    failures: u32,
    limits: &FetchLimits,
) -> Result<Duration, HubError> {
    match failure {
        Failure::Passing { host, reason, wait } if failures < limits.tries => match wait {
            Some(wait) if wait > limits.longest_wait => {
                let minutes = wait.as_secs().div_ceil(60);
                let reason = format!("{reason} and asks to wait {minutes} minutes");
                Err(HubError::Unreachable { host, reason, wait: Some(wait) })
            }
            Some(wait) => Ok(wait.max(limits.first_wait)),
            None => Ok(limits.wait(failures)),
        },
        failure => Err(failure.into_error()),
    }
}

/// Tries until it succeeds, cannot, or the tries are used up.
pub(in crate::hub) fn with_tries<T>(
    control: &Control,
    limits: &FetchLimits,
    mut attempt: impl FnMut() -> Result<Result<T, Failure>, HubError>,
) -> Result<T, HubError> {
    let mut failures = 0;
    loop {
        match attempt()? {
            Ok(done) => return Ok(done),
            Err(failure) => {
                failures += 1;
                sleep(control, wait_before_next(failure, failures, limits)?)?;
            }
        }
    }
}

/// Sleeps, unless it is cancelled.
fn sleep(control: &Control, time: Duration) -> Result<(), HubError> {
    let begun = Instant::now();
    while begun.elapsed() < time {
        control.check()?;
        std::thread::sleep(Duration::from_millis(50).min(time));
    }
    control.check()
}
