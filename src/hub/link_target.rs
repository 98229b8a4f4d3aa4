//! What a file from a link is called on this machine.

use percent_encoding::percent_decode_str;

use super::http::Address;

/// The longest name, in bytes.
const LONGEST: usize = 200;

/// The name that a server gives a file in `Content-Disposition`, or else the end of its address, as a name that every
/// system accepts.
pub(super) fn file_name(disposition: Option<&str>, address: &Address) -> String {
    let given = disposition.and_then(of_disposition).map(|name| sanitised(&name)).filter(|name| !name.is_empty());
    let from_address = || {
        let end = address.path().rsplit('/').next().unwrap_or_default();
        sanitised(&percent_decode_str(end).decode_utf8_lossy())
    };
    let name = given.unwrap_or_else(from_address);
    if name.is_empty() { "model".into() } else { name }
}

fn of_disposition(header: &str) -> Option<String> {
    let mut plain = None;
    for part in split_outside_quotes(header) {
        let Some((key, value)) = part.split_once('=') else { continue };
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                let (charset, encoded) = value.trim_matches('"').split_once("''")?;
                if charset.eq_ignore_ascii_case("utf-8") {
                    return Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned());
                }
            }
            "filename" => plain = Some(value.trim_matches('"').replace("\\\"", "\"")),
            _ => {}
        }
    }
    plain
}

fn split_outside_quotes(header: &str) -> Vec<&str> {
    let (mut parts, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in header.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => {
                parts.push(&header[start..at]);
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    parts.push(&header[start..]);
    parts
}

/// A name without folders and without characters that a system refuses; empty where nothing is left.
fn sanitised(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let clean: String = name.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let stem = clean.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    let clean = if is_device { format!("_{clean}") } else { clean.to_owned() };
    shortened(&clean)
}

/// A name of at most [`LONGEST`] bytes that keeps its ending.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 16 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let most = LONGEST.saturating_sub(ending.len());
    let cut = stem.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= most).last().unwrap_or(0);
    format!("{}{ending}", &stem[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(disposition: Option<&str>, address: &str) -> String {
        file_name(disposition, &Address::parse(address).expect("an address"))
    }

    #[test]
    fn a_file_is_called_as_its_server_says_or_as_its_address_ends() {
        let address = "https://x.test/files/my%20model.safetensors?key=1";
        assert_eq!(name(None, address), "my model.safetensors");
        assert_eq!(name(Some("attachment; filename=\"a; b.ckpt\""), address), "a; b.ckpt");
        assert_eq!(
            name(Some("attachment; filename=x.bin; filename*=UTF-8''Gr%C3%BC%C3%9Fe.bin"), address),
            "Grüße.bin"
        );
        assert_eq!(name(Some("inline"), address), "my model.safetensors");
        assert_eq!(name(None, "https://x.test/"), "model");
    }

    #[test]
    fn a_name_never_leaves_its_folder() {
        for (given, safe) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("..", "model.bin"),
            (".bashrc", "bashrc"),
            ("con.safetensors", "_con.safetensors"),
            ("a:b\u{202e}.bin", "a_b_.bin"),
            ("x. . ", "x"),
        ] {
            assert_eq!(
                name(Some(&format!("attachment; filename=\"{given}\"")), "https://x.test/model.bin"),
                safe,
                "{given}"
            );
        }
        let long = format!("{}.safetensors", "ö".repeat(300));
        let short = name(Some(&format!("attachment; filename*=UTF-8''{long}")), "https://x.test/");
        assert!(short.len() <= LONGEST && short.ends_with("ö.safetensors"), "{short}");
    }
}
