//! Styles as AUTOMATIC1111's web UI keeps them, in `styles.csv`.

use super::Style;

/// Reads the rows of a `styles.csv`: `name`, `prompt` (or `text`) and `negative_prompt`, in any order. Rows without a name,
/// or with neither prompt, are left out; so are the lines that the web UI uses as separators.
///
/// # Errors
/// A text without a column called name, or quotes without an end, as the end of a sentence.
pub fn read_styles_csv(text: &str) -> Result<Vec<Style>, String> {
    let mut rows = rows(text)?.into_iter();
    let header: Vec<String> = rows.next().unwrap_or_default().iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |names: &[&str]| header.iter().position(|known| names.contains(&known.as_str()));
    let name = column(&["name"]).ok_or("its first line names no column called name")?;
    let (prompt, negative) = (column(&["prompt", "text"]), column(&["negative_prompt", "negative prompt"]));
    let styles = rows.filter_map(|row| {
        let value =
            |at: Option<usize>| at.and_then(|at| row.get(at)).map(|text| text.trim().to_owned()).unwrap_or_default();
        let style =
            Style { name: value(Some(name)), prompt: value(prompt), negative: value(negative), ..Style::default() };
        let says_nothing = style.prompt.is_empty() && style.negative.is_empty();
        (!style.name.is_empty() && !says_nothing).then_some(style)
    });
    Ok(styles.collect())
}

/// The rows of comma-separated values (RFC 4180): a value in quotes may hold commas, line ends and doubled quotes.
fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut rows, mut row, mut value) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut is_row) = (false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        is_row = true;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.trim().is_empty() => {
                value.clear();
                quoted = true;
            }
            ',' if !quoted => row.push(std::mem::take(&mut value)),
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut value));
                rows.push(std::mem::take(&mut row));
                is_row = false;
            }
            letter => value.push(letter),
        }
    }
    if quoted {
        return Err("a quotation mark has no partner".into());
    }
    if is_row {
        row.push(value);
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_line_ends_and_columns_in_another_order_are_read() {
        let text = "negative_prompt,name,prompt\r\n\"a, \"\"b\"\"\",One,\"first\nsecond, {prompt}\"\r\n,,\r\nn,Two,\r\n,Three,x";
        let styles = read_styles_csv(text).expect("reads");
        let found: Vec<_> = styles.iter().map(|s| (s.name.as_str(), s.prompt.as_str(), s.negative.as_str())).collect();
        assert_eq!(found, [("One", "first\nsecond, {prompt}", "a, \"b\""), ("Two", "", "n"), ("Three", "x", "")]);
    }

    #[test]
    fn what_is_no_list_of_styles_says_why() {
        assert!(read_styles_csv("a,b\n1,2").expect_err("refused").contains("called name"));
        assert!(read_styles_csv("name,prompt\n\"x").expect_err("refused").contains("no partner"));
        assert!(read_styles_csv("").is_err());
        assert_eq!(read_styles_csv("name,text\n--- separator ---,\n"), Ok(Vec::new()));
    }
}
