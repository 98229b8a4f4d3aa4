//! A named list of named colours.

use crate::paint::Rgb;

/// How many colours a palette may have.
pub const MOST_SWATCHES: usize = 4096;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// A colour of a palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swatch {
    /// The colour.
    pub color: Rgb,
    name: String,
}

impl Swatch {
    /// A colour under a name, which may be empty. Line breaks and repeated spaces become one space.
    pub fn new(color: Rgb, name: &str) -> Self {
        Self { color, name: clean(name) }
    }

    /// Its name; empty if it has none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name with its value, or the value alone if it has no name.
    pub fn described(&self) -> String {
        match self.name.is_empty() {
            true => self.color.hex(),
            false => format!("{} ({})", self.name, self.color.hex()),
        }
    }
}

/// A named list of colours in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    name: String,
    columns: usize,
    swatches: Vec<Swatch>,
}

impl Palette {
    /// An empty palette.
    pub fn new(name: &str) -> Self {
        Self { name: clean(name), ..Self::default() }
    }

    /// Its name; empty if it has none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives it another name.
    pub fn rename(&mut self, name: &str) {
        self.name = clean(name);
    }

    /// How many colours are meant to stand in a row, `0..=256`; 0 leaves that open.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Sets how many colours are meant to stand in a row; more than 256 count as 256.
    pub fn set_columns(&mut self, columns: usize) {
        self.columns = columns.min(256);
    }

    /// Its colours.
    pub fn swatches(&self) -> &[Swatch] {
        &self.swatches
    }

    /// Adds a colour at a place from 0, or at the end if there are fewer. Returns whether there was room for it.
    pub fn insert(&mut self, at: usize, swatch: Swatch) -> bool {
        let has_room = self.swatches.len() < MOST_SWATCHES;
        if has_room {
            self.swatches.insert(at.min(self.swatches.len()), swatch);
        }
        has_room
    }

    /// Adds a colour at the end. Returns whether there was room for it.
    pub fn push(&mut self, swatch: Swatch) -> bool {
        self.insert(usize::MAX, swatch)
    }

    /// Takes the colour at a place out.
    pub fn remove(&mut self, at: usize) -> Option<Swatch> {
        (at < self.swatches.len()).then(|| self.swatches.remove(at))
    }

    /// Moves the colour at one place to another; those between move by one. Returns whether anything changed.
    pub fn move_swatch(&mut self, from: usize, to: usize) -> bool {
        let Some(last) = self.swatches.len().checked_sub(1) else { return false };
        let to = to.min(last);
        if from > last || from == to {
            return false;
        }
        let swatch = self.swatches.remove(from);
        self.swatches.insert(to, swatch);
        true
    }

    /// Gives the colour at a place another name. Returns whether anything changed.
    pub fn rename_swatch(&mut self, at: usize, name: &str) -> bool {
        let name = clean(name);
        match self.swatches.get_mut(at) {
            Some(swatch) if swatch.name != name => {
                swatch.name = name;
                true
            }
            _ => false,
        }
    }
}

/// A name in one line. GIMP calls colours without a name "Untitled".
fn clean(name: &str) -> String {
    let is_space = |c: char| c.is_whitespace() || c.is_control();
    let words: Vec<&str> = name.split(is_space).filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(LONGEST_NAME).collect();
    let name = name.trim_end();
    if name == "Untitled" { String::new() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(names: &[&str]) -> Palette {
        let mut palette = Palette::new("Test");
        for (i, name) in names.iter().enumerate() {
            assert!(palette.push(Swatch::new(Rgb([i as u8; 3]), name)));
        }
        palette
    }

    fn names(palette: &Palette) -> Vec<&str> {
        palette.swatches().iter().map(Swatch::name).collect()
    }

    #[test]
    fn colours_are_moved_and_those_between_make_way() {
        let mut list = palette(&["a", "b", "c", "d"]);
        assert!(list.move_swatch(0, 2));
        assert_eq!(names(&list), ["b", "c", "a", "d"]);
        assert!(list.move_swatch(3, 0));
        assert_eq!(names(&list), ["d", "b", "c", "a"]);
        assert!(list.move_swatch(0, usize::MAX));
        assert_eq!(names(&list), ["b", "c", "a", "d"]);
        assert!(!list.move_swatch(9, 0) && !list.move_swatch(1, 1) && !Palette::default().move_swatch(0, 1));
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(Swatch::new(Rgb::BLACK, " deep\r\n\tred  ").name(), "deep red");
        assert_eq!(Swatch::new(Rgb::BLACK, "Untitled").name(), "");
        assert_eq!(Swatch::new(Rgb::BLACK, &"é".repeat(9999)).name().chars().count(), LONGEST_NAME);
        let mut list = palette(&["a"]);
        assert!(list.rename_swatch(0, "b") && !list.rename_swatch(0, " b ") && !list.rename_swatch(1, "c"));
    }

    #[test]
    fn a_palette_does_not_grow_without_end() {
        let mut list = Palette::default();
        for _ in 0..MOST_SWATCHES {
            assert!(list.push(Swatch::new(Rgb::BLACK, "")));
        }
        assert!(!list.push(Swatch::new(Rgb::BLACK, "")) && list.swatches().len() == MOST_SWATCHES);
        assert!(list.remove(MOST_SWATCHES).is_none() && list.remove(0).is_some());
    }
}
