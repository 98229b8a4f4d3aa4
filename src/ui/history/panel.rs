//! The state of the history panel.

use super::thumbnails::Thumbnails;
use crate::document::{
    Document, HistoryView, RoundFilter, RoundId, RoundOrder, RoundRow, Rounds, round_rows::round_rows,
};
use crate::jobs::{DocumentId, FileTask};

/// The list of rounds beside canvas and results.
#[derive(Default)]
pub(in crate::ui) struct HistoryPanel {
    /// What somebody chose; without a choice it depends on the room.
    chosen: Option<HistoryView>,
    /// How rounds were listed in the last frame.
    pub(super) view: Option<HistoryView>,
    pub(super) filter: RoundFilter,
    /// The rows, which are made again when something they depend on has changed.
    rows: Vec<RoundRow>,
    made_for: Option<(u64, RoundFilter, RoundOrder)>,
    /// The names of all models that made rounds.
    pub(super) models: Vec<String>,
    pub thumbnails: Thumbnails,
    /// The round that the list was scrolled to last.
    pub(super) scrolled_to: Option<RoundId>,
    /// Whether the list has the focus, so that arrow keys move in it.
    pub(super) has_keyboard: bool,
    /// Whether the list is to get the focus.
    pub(super) wants_focus: bool,
    /// Whether the filter's text field is to get the focus.
    pub(super) wants_find: bool,
    /// The round whose start image is being read to go back to it.
    pub going_back: Option<RoundId>,
    /// What the status line says about the last thing that was deleted.
    pub deleted: String,
}

impl HistoryPanel {
    /// How rounds are listed; `None` if nobody chose.
    pub fn chosen(&self) -> Option<HistoryView> {
        self.chosen
    }

    /// Lists rounds in this way.
    pub fn choose(&mut self, view: Option<HistoryView>) {
        self.chosen = view;
        self.scrolled_to = None;
    }

    /// Whether the list is shown: if nobody chose, where there is room for it.
    pub fn view(&self, has_room: bool) -> HistoryView {
        self.chosen.unwrap_or(if has_room { HistoryView::Strip } else { HistoryView::Hidden })
    }

    /// Shows the list if it is hidden, else hides it.
    pub fn toggle(&mut self) {
        let is_shown = self.view.is_some_and(|view| view != HistoryView::Hidden);
        self.choose(Some(if is_shown { HistoryView::Hidden } else { HistoryView::Strip }));
        self.wants_focus = !is_shown;
    }

    /// Puts the keyboard into the filter's text field, and shows the list if it is hidden.
    pub fn find(&mut self) {
        if self.view.is_none_or(|view| view == HistoryView::Hidden) {
            self.choose(Some(HistoryView::Strip));
        }
        self.wants_find = true;
    }

    /// Lists only some rounds.
    pub fn use_filter(&mut self, filter: RoundFilter) {
        self.filter = filter;
        self.scrolled_to = None;
    }

    /// Whether arrow keys move in the list.
    pub fn has_keyboard(&self) -> bool {
        self.has_keyboard
    }

    /// Whether rounds are listed as a tree.
    pub fn is_tree(&self) -> bool {
        self.view == Some(HistoryView::Tree)
    }

    /// Another document is shown: nothing of the previous one is kept.
    pub fn forget(&mut self) {
        *self = Self { chosen: self.chosen, ..Self::default() };
    }

    /// The rows of the list, up to date.
    pub fn rows(&mut self, rounds: &Rounds) -> &[RoundRow] {
        let order = if self.is_tree() { RoundOrder::Tree } else { RoundOrder::Made };
        let is_made = self.made_for.as_ref().is_some_and(|(revision, filter, made)| {
            (*revision, *made) == (rounds.revision(), order) && *filter == self.filter
        });
        if !is_made {
            self.rows = round_rows(rounds, &self.filter, order);
            self.models = models(rounds);
            self.made_for = Some((rounds.revision(), self.filter.clone(), order));
        }
        &self.rows
    }

    /// The rows of the list, to be taken for as long as they are walked through.
    pub(super) fn rows_mut(&mut self, rounds: &Rounds) -> &mut Vec<RoundRow> {
        self.rows(rounds);
        &mut self.rows
    }

    /// Puts back the rows that were taken.
    pub(super) fn put_rows_back(&mut self, rows: Vec<RoundRow>) {
        self.rows = rows;
    }

    /// The rows as they were last made.
    pub(super) fn last_rows(&self) -> &[RoundRow] {
        &self.rows
    }

    /// The round `steps` rows below the one on show, or above it if negative; the first or last row where the list
    /// ends. A round that is not listed is taken for the nearest earlier one.
    pub fn step(&mut self, rounds: &Rounds, shown: RoundId, steps: isize) -> Option<RoundId> {
        let rows = self.rows(rounds);
        let last = rows.len().checked_sub(1)?;
        let at = match rows.iter().position(|row| row.round == shown) {
            Some(at) => at.saturating_add_signed(steps),
            None => rows.iter().rposition(|row| row.round < shown).unwrap_or(0),
        };
        Some(rows.get(at.min(last))?.round)
    }

    /// What the file thread must read next; ends the frame for the textures.
    pub fn task(&mut self, document: DocumentId, content: &Document) -> Option<FileTask> {
        let list = self.thumbnails.end_frame(content.rounds());
        (!list.is_empty()).then_some(FileTask::ReadThumbnails(document, list))
    }
}

fn models(rounds: &Rounds) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    for round in rounds.iter() {
        if models.last() != Some(&round.model) && !models.contains(&round.model) {
            models.push(round.model.clone());
        }
    }
    models
}
