//! All styles, and the file that keeps them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Style;
use super::style_csv::read_styles_csv;
use crate::picture::{plain_reason, write_atomically};

/// The file in the data folder that keeps the styles.
pub const STYLES_FILE: &str = "styles.json";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 8 << 20;

/// The styles that a list begins with.
const STARTING: &str = include_str!("../../assets/styles.json");

/// Why styles could not be read or kept, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StyleError {
    /// The file cannot be read.
    #[error("{} could not be read: {reason}.", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file holds something else.
    #[error("{} holds no styles: {reason}. Mend the file, or remove it to begin with the usual styles.", path.display())]
    NoStyles {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file could not be written.
    #[error("{0}")]
    Write(String),
}

/// How many styles a file may have.
const MOST: usize = 2000;

/// All styles in the order of their list. No two have the same name.
#[derive(Clone, Debug, PartialEq)]
pub struct StyleList {
    styles: Vec<Style>,
}

impl Default for StyleList {
    /// The styles that the program comes with.
    fn default() -> Self {
        Self { styles: styles_of(STARTING).map_or_else(|_| Vec::new(), |(styles, _)| styles) }
    }
}

impl StyleList {
    /// Reads the styles that are kept in the data folder; those that the program comes with if none are. Entries that
    /// cannot be used are left out.
    ///
    /// # Errors
    /// If there is a file that cannot be read as styles; it stays as it is.
    pub fn read(folder: &Path) -> Result<Self, StyleError> {
        let path = folder.join(STYLES_FILE);
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            _ => {}
        }
        let text = text_of(&path)?;
        let (styles, _) = styles_of(&text).map_err(|reason| StyleError::NoStyles { path, reason })?;
        Ok(Self { styles })
    }

    /// All styles.
    pub fn all(&self) -> &[Style] {
        &self.styles
    }

    /// A style by its name; case does not count.
    pub fn get(&self, name: &str) -> Option<&Style> {
        self.styles.iter().find(|style| same_name(&style.name, name))
    }

    /// The styles of these names, in the order of the names; names without a style are left out.
    pub fn named<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Style> {
        names.iter().filter_map(|name| self.get(name))
    }

    /// Adds a style, or puts it in the place of the one with its name.
    pub fn put(&mut self, style: Style) {
        match self.styles.iter_mut().find(|known| same_name(&known.name, &style.name)) {
            Some(known) => *known = style,
            None => self.styles.push(style),
        }
    }

    /// Takes the style of this name out. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let count = self.styles.len();
        self.styles.retain(|style| !same_name(&style.name, name));
        self.styles.len() < count
    }

    /// Adds the styles of a file: a `styles.csv` of AUTOMATIC1111's web UI, or a `styles.json` of this program. Those with a
    /// known name take the place of the old ones. Returns how many there were.
    ///
    /// # Errors
    /// A file that cannot be read or holds no styles; nothing has changed then.
    pub fn import(&mut self, path: &Path) -> Result<usize, StyleError> {
        let text = text_of(path)?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let read = if is_json { styles_of(&text).map(|(styles, _)| styles) } else { read_styles_csv(&text) };
        let styles = read.and_then(|styles| match styles.is_empty() {
            true => Err("it has no style with a name".to_owned()),
            false => Ok(styles),
        });
        let styles = styles.map_err(|reason| StyleError::NoStyles { path: path.to_path_buf(), reason })?;
        let count = styles.len();
        if count > MOST {
            let reason = format!("it has {count} styles, and at most {MOST} are read");
            return Err(StyleError::NoStyles { path: path.to_path_buf(), reason });
        }
        styles.into_iter().for_each(|style| self.put(style));
        Ok(count)
    }

    /// Keeps the styles in the data folder.
    ///
    /// # Errors
    /// If the file cannot be written, or the one that is there cannot be read, so that it would be lost.
    pub fn keep(&self, folder: &Path) -> Result<(), StyleError> {
        Self::read(folder)?;
        let path = folder.join(STYLES_FILE);
        let text = serde_json::to_string_pretty(&json!({ "styles": self.styles })).unwrap_or_default();
        std::fs::create_dir_all(folder)
            .map_err(|error| StyleError::Read { path: folder.to_path_buf(), reason: plain_reason(&error) })?;
        write_atomically(&path, text.as_bytes()).map_err(|error| StyleError::Write(error.to_string()))
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn text_of(path: &Path) -> Result<String, StyleError> {
    let fail = |reason: String| StyleError::Read { path: path.to_path_buf(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| fail(plain_reason(&error)))?;
    if !metadata.is_file() {
        return Err(fail("it is not a file".into()));
    }
    if metadata.len() > LARGEST {
        return Err(fail("it is far too long for a list of styles".into()));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(plain_reason(&error)))?;
    let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8 text".into()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The styles in a JSON text, and how many entries could not be used.
fn styles_of(text: &str) -> Result<(Vec<Style>, usize), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not valid JSON ({error})"))?;
    let entries = match &value {
        Value::Array(entries) => entries,
        Value::Object(map) => map.get("styles").and_then(Value::as_array).ok_or("it has no list called styles")?,
        _ => return Err("it is neither a list nor an object".into()),
    };
    let mut list = StyleList { styles: Vec::new() };
    let mut unusable = 0;
    if entries.len() > MOST {
        return Err(format!("it has {} styles, and at most {MOST} are read", entries.len()));
    }
    for entry in entries {
        match serde_json::from_value::<Style>(without_bad_settings(entry)) {
            Ok(style) if !style.name.trim().is_empty() => list.put(style),
            _ => unusable += 1,
        }
    }
    Ok((list.styles, unusable))
}

/// An entry whose settings are left out if they cannot be read, so that its prompt is not lost to the name of a sampler.
fn without_bad_settings(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if let Some(map) = entry.as_object_mut()
        && let Some(Value::Object(settings)) = map.get_mut("settings")
    {
        settings.retain(|name, value| {
            let alone = json!({ name.as_str(): value });
            serde_json::from_value::<super::StyleSettings>(alone).is_ok()
        });
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_styles_have_names_and_parts_and_can_be_used() {
        let list = StyleList::default();
        assert!(list.all().len() >= 12, "{}", list.all().len());
        let settings = crate::engine::Settings::default();
        for style in list.all() {
            assert!(!style.prompt.is_empty() && !style.name.is_empty());
            assert!(super::super::apply_styles([style], &settings).check().is_ok(), "{}", style.name);
        }
        assert!(list.get(" WATERCOLOUR ").is_some());
    }

    #[test]
    fn what_is_kept_comes_back_and_a_damaged_file_is_told_and_not_written_over() {
        let folder = tempfile::tempdir().expect("folder");
        let mut list = StyleList::read(folder.path()).expect("the usual ones");
        list.put(Style { name: "Mine".into(), prompt: "very mine".into(), ..Style::default() });
        assert!(list.remove("Oil painting") && !list.remove("Oil painting"));
        list.keep(folder.path()).expect("writes");
        assert_eq!(StyleList::read(folder.path()).expect("reads"), list);

        let path = folder.path().join(STYLES_FILE);
        for text in ["{", "3", r#"{"x": 1}"#] {
            std::fs::write(&path, text).expect("writes");
            assert!(StyleList::read(folder.path()).expect_err("told").to_string().contains("styles.json"), "{text}");
            assert!(list.keep(folder.path()).is_err());
            assert_eq!(std::fs::read_to_string(&path).expect("reads"), text, "somebody's work");
        }
    }

    #[test]
    fn unusable_entries_and_values_are_left_out_and_the_rest_counts() {
        let folder = tempfile::tempdir().expect("folder");
        let text = r#"[{"name": "a", "prompt": "x", "later": [1], "settings": {"sampler": "no such", "steps": 7}},
            {"prompt": "no name"}, 7, {"name": "b", "prompt": 9}, {"name": "A", "prompt": "y"}]"#;
        std::fs::write(folder.path().join(STYLES_FILE), text).expect("writes");
        let list = StyleList::read(folder.path()).expect("reads");
        assert_eq!(list.all().iter().map(|style| style.prompt.as_str()).collect::<Vec<_>>(), ["y"]);
        let (styles, unusable) = styles_of(&text.replace(r#""A""#, r#""c""#)).expect("reads");
        assert_eq!((styles[0].settings.steps, styles[0].settings.sampler, unusable), (Some(7), None, 3));
    }

    #[test]
    fn styles_of_another_file_are_added_and_take_the_place_of_old_ones() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("styles.csv");
        std::fs::write(&path, "name,prompt,negative_prompt\nwatercolour,\"wet, loose\",\nNew,n,\n").expect("writes");
        let mut list = StyleList::default();
        let before = list.all().len();
        assert_eq!(list.import(&path), Ok(2));
        assert_eq!(list.all().len(), before + 1);
        assert_eq!(list.get("Watercolour").map(|style| style.prompt.as_str()), Some("wet, loose"));
        std::fs::write(&path, "eggs and milk").expect("writes");
        assert!(list.import(&path).expect_err("refused").to_string().contains("holds no styles"));
        assert!(list.import(folder.path()).is_err() && list.import(&folder.path().join("missing.csv")).is_err());
    }
}
