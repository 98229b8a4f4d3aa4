//! How the window of a document looked, so that the next launch goes on there.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Viewpoint;

/// How rounds are listed in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryView {
    /// Not at all.
    Hidden,
    /// In the order in which they were made.
    Strip,
    /// Each below the round that it came from.
    Tree,
}

/// How the results of a round are shown beside the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResultsView {
    /// Whether one result is shown large, instead of all in a grid.
    pub single: bool,
    /// Whether the results are folded to a thin strip.
    pub folded: bool,
    /// The width of the results as a share of canvas and results together, in [`ResultsView::SHARES`].
    pub share: f32,
}

impl ResultsView {
    /// The widths that the results can have, as shares of canvas and results together.
    pub const SHARES: RangeInclusive<f32> = 0.1..=0.8;

    /// The nearest one whose values are all in their ranges.
    #[must_use]
    pub fn checked(self) -> Self {
        let share = if self.share.is_finite() { self.share } else { Self::default().share };
        Self { share: share.clamp(*Self::SHARES.start(), *Self::SHARES.end()), ..self }
    }
}

impl Default for ResultsView {
    fn default() -> Self {
        Self { single: false, folded: false, share: 0.4 }
    }
}

/// How the window of a document looked. The round on show is kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ViewState {
    /// The place of the result on show in its round, from 0.
    pub result: usize,
    /// How rounds are listed; `None` if nobody chose.
    pub history: Option<HistoryView>,
    /// The names of the styles that the next round is made with.
    pub styles: Vec<String>,
    /// Which part of the canvas was in view.
    pub canvas: Viewpoint,
    /// How the results were shown.
    pub results: ResultsView,
}

impl ViewState {
    /// As JSON.
    pub fn to_json(&self) -> String {
        // Numbers and names can always be written.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".into())
    }

    /// Reads what [`ViewState::to_json`] wrote. Each field that is missing or cannot be read gets its default, and
    /// unknown ones are passed over.
    pub fn from_json(json: &str) -> Self {
        let Ok(Value::Object(map)) = serde_json::from_str(json) else { return Self::default() };
        Self {
            result: field(&map, "result"),
            history: field(&map, "history"),
            styles: field(&map, "styles"),
            canvas: field::<Viewpoint>(&map, "canvas").checked(),
            results: field::<ResultsView>(&map, "results").checked(),
        }
    }
}

fn field<T: DeserializeOwned + Default>(map: &Map<String, Value>, name: &str) -> T {
    map.get(name).and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_the_same_after_being_written_and_read() {
        let view = ViewState {
            result: 3,
            history: Some(HistoryView::Tree),
            styles: vec!["Clay".into()],
            canvas: Viewpoint { zoom: Some(2.5), center: [0.25, 1.0], degrees: -90.0, mirrored: true },
            results: ResultsView { single: true, folded: true, share: 0.3 },
        };
        assert_eq!(ViewState::from_json(&view.to_json()), view);
        assert_eq!(ViewState::from_json(&ViewState::default().to_json()), ViewState::default());
    }

    #[test]
    fn unknown_and_broken_fields_leave_the_others_alone() {
        let read = ViewState::from_json;
        assert_eq!(read(r#"{"history": "strip", "result": -4, "later": {}}"#).history, Some(HistoryView::Strip));
        assert_eq!(read(r#"{"history": "spiral", "result": 2}"#), ViewState { result: 2, ..ViewState::default() });
        let part = read(r#"{"canvas": {"degrees": 30.0, "zoom": 1e30}, "results": {"share": "wide", "folded": true}}"#);
        assert_eq!((part.canvas.degrees, part.canvas.zoom), (30.0, Some(Viewpoint::LARGEST)));
        assert_eq!(part.results, ResultsView::default());
        for text in ["", "[]", "{", "null", "\u{0}", r#"{"result": 1e99, "history": 7}"#] {
            assert_eq!(read(text), ViewState::default(), "{text}");
        }
    }
}
