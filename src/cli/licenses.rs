//! `underpaint licenses`: the notices of everything inside the program.

use super::print_line;

/// Prints the licence of the program and those of its data, fonts and libraries.
pub fn licenses() {
    print_line(crate::licenses::text());
}
