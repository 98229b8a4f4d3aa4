//! The list of settings that differ between the rounds of the two pictures.

use egui::text::LayoutJob;
use egui::{FontId, Label, RichText, ScrollArea, Stroke, TextFormat, Ui, WidgetInfo};

use super::CompareSource;
use super::state::Comparison;
use crate::document::Document;
use crate::engine::{ChangedValue, ChangedWord, SettingChange, Setup, WordChange, setting_changes};
use crate::ui::theme;

/// Of longer stretches of unchanged words only the ends are shown.
const LONGEST_KEPT: usize = 9;
const KEPT_ENDS: usize = 3;

/// The list, which is made again when something it depends on has changed.
#[derive(Default)]
pub(super) struct Changes {
    made_for: Option<Key>,
    /// What is compared: `Round 1 → round 2`.
    title: String,
    list: Vec<SettingChange>,
}

#[derive(Clone, PartialEq)]
struct Key {
    sources: [CompareSource; 2],
    revision: u64,
    model: String,
}

impl Changes {
    /// Makes the list again if need be. `model` is the name of the model of the next round.
    pub fn update(&mut self, a: CompareSource, b: CompareSource, document: &Document, model: &str) {
        let key = Key { sources: [a, b], revision: document.revision(), model: model.to_owned() };
        if self.made_for.as_ref() == Some(&key) {
            return;
        }
        let [earlier, later] = in_order(a, b);
        self.title = title(earlier, later);
        let setups = (setup(earlier, document, model), setup(later, document, model));
        self.list = match setups {
            (Some(before), Some(after)) => setting_changes(before, after),
            _ => Vec::new(),
        };
        self.made_for = Some(key);
    }
}

/// The picture of the earlier round first; the canvas belongs to the next round.
fn in_order(a: CompareSource, b: CompareSource) -> [CompareSource; 2] {
    let place = |source: CompareSource| (source.round().unwrap_or(usize::MAX), source.result().map(|id| id.image));
    if place(a) <= place(b) { [a, b] } else { [b, a] }
}

fn title(earlier: CompareSource, later: CompareSource) -> String {
    match (earlier.round(), later.round()) {
        (None, _) => "Next round".into(),
        (Some(one), None) => format!("Round {one} → next round"),
        (Some(one), Some(other)) if one == other => format!("Both of round {one}"),
        (Some(one), Some(other)) => format!("Round {one} → round {other}"),
    }
}

/// What made a picture, or would be made of the canvas.
fn setup<'a>(source: CompareSource, document: &'a Document, model: &'a str) -> Option<Setup<'a>> {
    let rounds = document.rounds();
    match source {
        CompareSource::Canvas => {
            let settings = document.settings();
            Some(Setup { settings, seed: u64::try_from(settings.seed).ok(), model: Some(model) })
        }
        CompareSource::StartImage(round) => {
            let round = rounds.get(round)?;
            Some(Setup { settings: &round.settings, seed: None, model: Some(&round.model) })
        }
        CompareSource::Result(id) => Some(Setup::from(&*rounds.result(id)?.recipe)),
    }
}

/// Shows the list.
pub(super) fn ui(ui: &mut Ui, shown: &Comparison) {
    let Changes { title, list, .. } = &shown.changes;
    theme::section(ui, "What changed");
    ui.label(RichText::new(title).small().weak());
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if list.is_empty() {
            ui.label("Same settings.");
        }
        for change in list {
            ui.label(RichText::new(change.name).small().weak());
            match &change.value {
                ChangedValue::Replaced { before, after } => {
                    let text = format!("{before}  →  {after}");
                    let label = ui.add(Label::new(RichText::new(text).strong()).wrap());
                    let told = format!("{} {before} → {after}", change.name);
                    label.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &told));
                }
                ChangedValue::Reworded(words) => {
                    let label = ui.add(Label::new(marked(ui, words)).wrap());
                    let told = format!("{}: {}", change.name, spoken(words));
                    label.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &told));
                }
            }
            ui.add_space(4.0);
        }
    });
}

/// The words with their marks: removed ones struck out, added ones underlined.
fn marked(ui: &Ui, words: &[ChangedWord]) -> LayoutJob {
    let mut job = LayoutJob::default();
    let (font, colors) = (FontId::proportional(13.0), theme::colors(ui));
    let plain = TextFormat { font_id: font.clone(), color: ui.visuals().weak_text_color(), ..TextFormat::default() };
    for (text, change) in shortened(words) {
        let format = match change {
            WordChange::Kept => plain.clone(),
            WordChange::Removed => {
                TextFormat { color: colors.error, strikethrough: Stroke::new(1.0, colors.error), ..plain.clone() }
            }
            WordChange::Added => {
                TextFormat { color: colors.good, underline: Stroke::new(1.0, colors.good), ..plain.clone() }
            }
        };
        if !job.is_empty() && text != "," {
            job.append(" ", 0.0, plain.clone());
        }
        job.append(text, 0.0, format);
    }
    job
}

/// The words, without the middle of long unchanged stretches.
fn shortened(words: &[ChangedWord]) -> Vec<(&str, WordChange)> {
    let mut shown = Vec::new();
    for stretch in words.chunk_by(|one, other| one.change == other.change) {
        let cut = stretch.first().is_some_and(|word| word.change == WordChange::Kept) && stretch.len() > LONGEST_KEPT;
        for (at, word) in stretch.iter().enumerate() {
            if !cut || at < KEPT_ENDS || at >= stretch.len() - KEPT_ENDS {
                shown.push((word.text.as_str(), word.change));
            } else if at == KEPT_ENDS {
                shown.push(("…", WordChange::Kept));
            }
        }
    }
    shown
}

/// The changes of a text for assistive technology, which does not tell how words are drawn.
fn spoken(words: &[ChangedWord]) -> String {
    let stretches = words.chunk_by(|one, other| one.change == other.change);
    let told = stretches.filter_map(|stretch| {
        let verb = match stretch.first()?.change {
            WordChange::Kept => return None,
            WordChange::Removed => "removed",
            WordChange::Added => "added",
        };
        let text: Vec<&str> = stretch.iter().map(|word| word.text.as_str()).collect();
        Some(format!("{verb} “{}”", text.join(" ").replace(" ,", ",")))
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ResultId;
    use crate::engine::{Settings, changed_words};
    use crate::paint::{Rgb, Size};

    #[test]
    fn long_unchanged_stretches_are_shortened_and_every_change_stays() {
        let before = "one two three four five six seven eight nine ten red end";
        let words = changed_words(before, &before.replace("red", "blue"));
        let text: Vec<&str> = shortened(&words).into_iter().map(|(text, _)| text).collect();
        assert_eq!(text.join(" "), "one two three … eight nine ten red blue end");
        assert_eq!(spoken(&words), "removed “red”, added “blue”");
        let short = changed_words("a b c red", "a b c blue");
        assert_eq!(shortened(&short).len(), short.len());
        assert_eq!(spoken(&changed_words("a", "a, b, c")), "added “, b, c”");
    }

    #[test]
    fn changes_are_told_from_the_earlier_round_to_the_later_whichever_picture_is_first() {
        let settings = Settings { cfg_scale: 7.0, ..Settings::default() };
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, settings);
        let (round, _) = document.begin_round(5, "starter".into());
        document.settings_mut().cfg_scale = 11.0;
        let start = CompareSource::StartImage(round);
        for (a, b) in [(CompareSource::Canvas, start), (start, CompareSource::Canvas)] {
            let mut changes = Changes::default();
            changes.update(a, b, &document, "starter");
            assert_eq!(changes.title, "Round 1 → next round");
            let [change] = &changes.list[..] else { panic!("{:?}", changes.list) };
            let value = ChangedValue::Replaced { before: "7".into(), after: "11".into() };
            assert_eq!((change.name, &change.value), ("CFG scale", &value));
            document.settings_mut().cfg_scale = 7.0;
            changes.update(a, b, &document, "starter");
            assert!(changes.list.is_empty(), "the list follows the settings");
            document.settings_mut().cfg_scale = 11.0;
        }
        let gone = CompareSource::Result(ResultId { round, image: 9 });
        let mut changes = Changes::default();
        changes.update(gone, start, &document, "starter");
        assert!(changes.list.is_empty());
    }
}
