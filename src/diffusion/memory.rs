//! A look at free memory before it is spent, so that too little gives a sentence and not a crash.

use crate::engine::Error;

const MB: u64 = 1 << 20;

/// Refuses when `need` bytes are clearly more than the system has available.
pub(super) fn check(what: &'static str, need: u64, advice: &'static str) -> Result<(), Error> {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    enough(what, need, system.available_memory(), advice)
}

fn enough(what: &'static str, need: u64, free: u64, advice: &'static str) -> Result<(), Error> {
    // A system that does not say (0) gets the benefit of the doubt.
    if free > 0 && need > free {
        return Err(Error::Memory { what, need_mb: need.div_ceil(MB), free_mb: free / MB, advice });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_refused_with_both_numbers() {
        let text = enough("This model", 3000 * MB, 2000 * MB, "close other programs").expect_err("refused").to_string();
        assert_eq!(text, "This model needs about 3000 MB of memory and 2000 MB are free; close other programs.");
        enough("This model", 3000 * MB, 4000 * MB, "").expect("fits");
        enough("This model", 3000 * MB, 0, "").expect("unknown");
    }
}
