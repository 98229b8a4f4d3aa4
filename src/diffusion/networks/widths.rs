//! The check of channel counts that all networks' configs share.

use crate::engine::Error;

/// Refuses a list of channel counts that is empty, longer than 8, or not divisible into norm groups.
///
/// # Errors
/// [`Error::Unsupported`] naming `part` and the list.
pub(super) fn check_widths(part: &str, widths: &[usize], groups: usize) -> Result<(), Error> {
    let fits = |w: &usize| (1..=8192).contains(w) && groups > 0 && w.is_multiple_of(groups);
    if widths.is_empty() || widths.len() > 8 || !widths.iter().all(fits) {
        return Err(Error::Unsupported(format!("its {part} lists widths {widths:?} in {groups} norm groups")));
    }
    Ok(())
}
