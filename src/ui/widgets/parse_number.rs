//! Numbers as people type them.

/// Reads a number as it is written in any of the usual ways: with a decimal point or comma, with
/// spaces or other separators between thousands, and with a unit behind it. `None` if it is none.
///
/// `whole` says that the value has no decimals: then a separator before exactly three digits
/// separates thousands.
pub(in crate::ui) fn parse_number(text: &str, whole: bool) -> Option<f64> {
    let separates = |c: char| c.is_whitespace() || c == '\'' || c == '’';
    let compact: String =
        text.chars().filter(|c| !separates(*c)).map(|c| if c == '\u{2212}' { '-' } else { c }).collect();
    let number = compact.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let (comma, point) = (number.rfind(','), number.rfind('.'));
    let decimal = match (comma, point) {
        // Whichever comes last is the decimal sign, the other one separates thousands.
        (Some(comma), Some(point)) => Some(comma.max(point)),
        (one, other) => one.or(other).filter(|at| {
            let sign = &number[*at..=*at];
            let thousands = whole && number.len() - at == 4;
            number.matches(sign).count() == 1 && !thousands
        }),
    };
    let plain: String = number
        .char_indices()
        .filter_map(|(at, c)| match c {
            ',' | '.' => (Some(at) == decimal).then_some('.'),
            other => Some(other),
        })
        .collect();
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::parse_number;

    #[test]
    fn a_number_may_be_written_with_a_point_or_a_comma() {
        for (text, value) in [
            ("0,75", 0.75),
            ("0.75", 0.75),
            (" -1,5 ", -1.5),
            ("\u{2212}1", -1.0),
            ("1 234,5", 1234.5),
            ("1\u{202f}234", 1234.0),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1'234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("75 %", 75.0),
            ("12,5px", 12.5),
            ("90°", 90.0),
            (",5", 0.5),
            ("7,", 7.0),
        ] {
            assert_eq!(parse_number(text, false), Some(value), "{text}");
        }
        for text in ["", ",", "px", "1e999", "many", "1-2", "inf", "nan"] {
            assert_eq!(parse_number(text, false), None, "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_have_its_thousands_separated() {
        for (text, value) in
            [("1,024", 1024.0), ("1.024 px", 1024.0), ("4 294 967 295", 4_294_967_295.0), ("20,0", 20.0)]
        {
            assert_eq!(parse_number(text, true), Some(value), "{text}");
        }
        assert_eq!(parse_number("1,024", false), Some(1.024));
    }
}
