//! The palettes of the window, and their changes.

use crate::paint::Rgb;
use crate::palettes::{KeptPalette, Palette, PaletteLibrary, Swatch};

/// All palettes, which one is shown, and which of its colours was chosen.
#[derive(Default)]
pub(in crate::ui) struct PalettePanel {
    library: PaletteLibrary,
    /// The file of the palette that is shown; one that does not exist stands for the first.
    file: String,
    /// The colour that was clicked last, whose name can be changed.
    chosen: Option<usize>,
    /// The colour that has the keyboard.
    pub(super) focused: Option<usize>,
    /// The colour that is to get the keyboard in the next frame.
    pub(super) focus_next: Option<usize>,
    /// The name that is being typed for the chosen colour.
    pub(super) swatch_name: String,
    /// The name that is being typed for the palette.
    pub(super) palette_name: String,
    /// What was deleted last, and from where.
    deleted: Option<Deleted>,
    /// Palettes whose files do not hold them yet.
    unkept: Vec<String>,
}

/// A colour or a palette that was deleted.
enum Deleted {
    Swatch(String, usize, Swatch),
    Palette(KeptPalette),
}

impl PalettePanel {
    /// Shows palettes that were read. What was changed before they were there is lost to them only if they have it too.
    pub fn read(&mut self, library: PaletteLibrary, file: Option<String>) {
        let changed: Vec<KeptPalette> = self.take_unkept();
        self.library = library;
        for kept in changed {
            match self.library.get_mut(&kept.file) {
                Some(same) => *same = kept.clone(),
                None => {
                    let _ = self.library.add(kept.palette.clone());
                }
            }
            self.unkept.push(kept.file);
        }
        if let Some(file) = file.filter(|_| self.file.is_empty()) {
            self.choose(file);
        }
    }

    /// All palettes.
    pub fn library(&self) -> &PaletteLibrary {
        &self.library
    }

    /// The palette that is shown.
    pub fn shown(&self) -> Option<&KeptPalette> {
        self.library.get(&self.file)
    }

    /// The file of the palette that is shown, if one was chosen.
    pub fn file(&self) -> Option<&str> {
        (!self.file.is_empty()).then_some(self.file.as_str())
    }

    /// Which colour was clicked last.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// The colour that has the keyboard.
    pub fn focused(&self) -> Option<usize> {
        self.focused
    }

    /// Shows the palette with this file.
    pub fn choose(&mut self, file: String) {
        self.file = file;
        self.choose_swatch(None);
        self.palette_name = self.shown().map_or_else(String::new, |kept| kept.palette.name().to_owned());
    }

    /// Chooses a colour, whose name can be changed then.
    pub fn choose_swatch(&mut self, at: Option<usize>) {
        let swatch = at.and_then(|at| self.shown()?.palette.swatches().get(at));
        let name = swatch.map(|swatch| swatch.name().to_owned());
        self.chosen = at.filter(|_| name.is_some());
        self.swatch_name = name.unwrap_or_default();
    }

    /// Adds a palette and shows it. `false` if there are too many.
    pub fn add(&mut self, palette: Palette) -> bool {
        let Some(file) = self.library.add(palette) else { return false };
        self.unkept.push(file.clone());
        self.choose(file);
        true
    }

    /// Gives the palette on show another name.
    pub fn rename(&mut self, name: &str) {
        self.change(|palette| palette.rename(name));
        self.library.sort();
        self.palette_name = self.shown().map_or_else(String::new, |kept| kept.palette.name().to_owned());
    }

    /// Deletes the palette on show. Returns it, so that its file is removed too.
    pub fn delete(&mut self) -> Option<KeptPalette> {
        let file = self.shown()?.file.clone();
        let removed = self.library.remove(&file)?;
        self.unkept.retain(|unkept| *unkept != file);
        self.deleted = Some(Deleted::Palette(removed.clone()));
        let next = self.library.get("").map(|kept| kept.file.clone()).unwrap_or_default();
        self.choose(next);
        Some(removed)
    }

    /// Adds a colour at the end, and chooses it. `false` if the palette is full.
    pub fn add_swatch(&mut self, color: Rgb) -> bool {
        let added = self.change(|palette| palette.push(Swatch::new(color, ""))) == Some(true);
        if added {
            let last = self.shown().map_or(0, |kept| kept.palette.swatches().len()).checked_sub(1);
            self.choose_swatch(last);
        }
        added
    }

    /// Moves a colour to another place, where it stays chosen and keeps the keyboard.
    pub fn move_swatch(&mut self, from: usize, to: usize) {
        let to = to.min(self.shown().map_or(0, |kept| kept.palette.swatches().len()).saturating_sub(1));
        if self.change(|palette| palette.move_swatch(from, to)) == Some(true) {
            self.choose_swatch(Some(to));
            if self.focused == Some(from) {
                self.focus_next = Some(to);
            }
        }
    }

    pub fn rename_swatch(&mut self, at: usize, name: &str) {
        self.change(|palette| palette.rename_swatch(at, name));
        if self.chosen == Some(at) {
            self.choose_swatch(Some(at));
        }
    }

    /// Takes a colour out of the palette. Returns it.
    pub fn delete_swatch(&mut self, at: usize) -> Option<Swatch> {
        let swatch = self.change(|palette| palette.remove(at)).flatten()?;
        let file = self.shown()?.file.clone();
        let count = self.shown()?.palette.swatches().len();
        self.deleted = Some(Deleted::Swatch(file, at, swatch.clone()));
        self.choose_swatch(None);
        if self.focused.is_some() {
            self.focus_next = Some(at.min(count.saturating_sub(1)));
        }
        Some(swatch)
    }

    /// Whether something was deleted that can be brought back.
    pub fn can_bring_back(&self) -> bool {
        self.deleted.is_some()
    }

    /// Brings back what was deleted last. Returns what that is.
    pub fn bring_back(&mut self) -> Option<String> {
        match self.deleted.take()? {
            Deleted::Swatch(file, at, swatch) => {
                let what = swatch.described();
                self.library.get_mut(&file)?.palette.insert(at, swatch);
                self.unkept.push(file.clone());
                self.choose(file);
                self.choose_swatch(Some(at));
                Some(what)
            }
            Deleted::Palette(kept) => {
                let what = kept.label().to_owned();
                self.add(kept.palette).then_some(what)
            }
        }
    }

    /// The palettes whose files do not hold them yet; they count as kept from now on.
    pub fn take_unkept(&mut self) -> Vec<KeptPalette> {
        let mut files = std::mem::take(&mut self.unkept);
        // Once the folder has any palette, that of the program is no longer added to it.
        if !files.is_empty() {
            let basic = PaletteLibrary::default();
            files.extend(basic.all().iter().map(|kept| kept.file.clone()));
        }
        files.sort();
        files.dedup();
        files.iter().filter_map(|file| self.library.all().iter().find(|kept| kept.file == *file)).cloned().collect()
    }

    /// Changes the palette on show.
    fn change<R>(&mut self, change: impl FnOnce(&mut Palette) -> R) -> Option<R> {
        let file = self.shown()?.file.clone();
        let changed = change(&mut self.library.get_mut(&file)?.palette);
        self.unkept.push(file);
        Some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(panel: &PalettePanel) -> Vec<String> {
        panel.shown().expect("shown").palette.swatches().iter().map(|swatch| swatch.name().to_owned()).collect()
    }

    fn panel(swatches: &[&str]) -> PalettePanel {
        let mut panel = PalettePanel::default();
        assert!(panel.add(Palette::new("Test")));
        for (i, name) in swatches.iter().enumerate() {
            assert!(panel.add_swatch(Rgb([i as u8; 3])));
            panel.rename_swatch(i, name);
        }
        panel
    }

    #[test]
    fn what_was_deleted_comes_back_to_its_place() {
        let mut panel = panel(&["a", "b", "c"]);
        assert_eq!(panel.delete_swatch(1).map(|swatch| swatch.name().to_owned()).as_deref(), Some("b"));
        assert_eq!(names(&panel), ["a", "c"]);
        assert!(panel.bring_back().is_some_and(|what| what.starts_with("b ")) && !panel.can_bring_back());
        assert_eq!(names(&panel), ["a", "b", "c"]);
        let removed = panel.delete().expect("removed");
        assert_ne!(panel.shown().map(|kept| &kept.file), Some(&removed.file));
        assert_eq!(panel.bring_back().as_deref(), Some("Test"));
        assert_eq!(names(&panel), ["a", "b", "c"]);
        assert_eq!(panel.delete_swatch(9), None);
    }

    #[test]
    fn only_what_changed_is_kept_again() {
        let mut panel = panel(&["a"]);
        let kept: Vec<String> = panel.take_unkept().into_iter().map(|kept| kept.file).collect();
        assert_eq!(kept, ["basic-colours.gpl", "palette-test.gpl"], "the program's palette must not vanish");
        assert!(panel.take_unkept().is_empty());
        panel.choose("basic-colours.gpl".into());
        assert!(panel.take_unkept().is_empty(), "looking changes nothing");
        panel.move_swatch(0, 3);
        assert_eq!(panel.chosen(), Some(3));
        assert_eq!(panel.take_unkept().len(), 1);
    }

    #[test]
    fn a_change_made_before_the_palettes_were_read_is_not_lost() {
        let mut changed = panel(&["early"]);
        changed.read(PaletteLibrary::default(), Some("basic-colours.gpl".into()));
        assert_eq!(names(&changed), ["early"], "and it stays on show");
        assert!(!changed.take_unkept().is_empty());
        let mut fresh = PalettePanel::default();
        fresh.read(PaletteLibrary::default(), Some("gone.gpl".into()));
        assert_eq!(fresh.shown().map(|kept| kept.label()), Some("Basic colours"));
        assert!(fresh.take_unkept().is_empty());
    }
}
