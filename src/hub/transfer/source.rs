//! Which file is fetched from where.

use crate::hub::http::{Address, Asked};

/// Which file is fetched from where.
#[derive(Clone, Debug)]
pub(in crate::hub) struct Source {
    /// Where it is asked for.
    pub address: Address,
    /// What it is called.
    pub asked: Asked,
    /// The hub's name for the content, its hash; `None` elsewhere.
    pub identity: Option<String>,
    /// The size in bytes; `None` where the server does not say it.
    pub size: Option<u64>,
    /// Whether parts of it can be asked for, as far as is known.
    pub has_ranges: bool,
}
