//! Fonts of this machine, for characters that the fonts inside the program do not have: Chinese, Japanese, Korean and
//! others.
//!
//! The window's library says which character it misses while it lays out a text. The file thread then looks for a font, which
//! is added for the frames after it; until then, and where there is no such font, a box stands for the character.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;
use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, FontProvider, InsertFontFamily};
use egui::{FontData, FontFamily};

use crate::jobs::FileTask;

/// Hands on the characters that no font has, and finds no font itself: that would hold up the window.
struct MissingCharacters(Sender<char>);

impl FontProvider for MissingCharacters {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        // Icons have a font of their own, which has all of them.
        if matches!(request.family, FontFamily::Proportional | FontFamily::Monospace)
            && let Some(character) = request.cluster.chars().next()
        {
            // Nobody listens any more while the window closes.
            let _ = self.0.send(character);
        }
        None
    }
}

/// The fonts that were added to those inside the program.
pub(in crate::ui) struct MoreFonts {
    missing: Receiver<char>,
    /// The characters that were asked for.
    asked: HashSet<char>,
    /// Where fonts are looked for; `None` for the folders of this system.
    folders: Option<Vec<PathBuf>>,
    /// Whether it was told that a character is in no font.
    is_told: bool,
}

impl MoreFonts {
    /// Listens to what this window misses.
    pub fn new(ctx: &Context) -> Self {
        let (sender, missing) = unbounded();
        ctx.add_font_provider(Arc::new(MissingCharacters(sender)));
        Self { missing, asked: HashSet::new(), folders: None, is_told: false }
    }

    /// Looks for fonts in these folders only.
    pub fn look_in(&mut self, folders: Vec<PathBuf>) {
        self.folders = Some(folders);
    }

    /// The task that looks for what the last frame missed; `None` if that was nothing new.
    pub fn task(&mut self) -> Option<FileTask> {
        let new: Vec<char> = self.missing.try_iter().filter(|character| self.asked.insert(*character)).collect();
        (!new.is_empty()).then(|| FileTask::FindFonts { characters: new, folders: self.folders.clone() })
    }

    /// Says once that a character is in no font, and what helps.
    pub fn tell_missing(&mut self, character: char) -> Option<String> {
        (!std::mem::replace(&mut self.is_told, true)).then(|| {
            format!(
                "No font on this machine has the character {}, so a box stands for it. Install a font that has it, such as Noto Sans CJK for Chinese, Japanese and Korean, and start again.",
                character.escape_unicode()
            )
        })
    }
}

/// Adds a font for what all others lack.
pub(in crate::ui) fn add(ctx: &Context, name: &str, data: FontData) {
    let last = |family| InsertFontFamily { family, priority: FontPriority::Lowest };
    let families = vec![last(FontFamily::Proportional), last(FontFamily::Monospace)];
    ctx.add_font(FontInsert::new(name, data, families));
}
