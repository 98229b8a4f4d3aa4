//! Which panel is where, and how wide the sides are.

use serde::{Deserialize, Serialize};

use super::{DockPanel, DockSide};

/// How narrow and how wide a side can be made, in points.
const WIDTHS: std::ops::RangeInclusive<f32> = 180.0..=480.0;
/// Which share of the window a side takes at most.
const LARGEST_SHARE: f32 = 0.27;

/// A panel in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Place {
    pub panel: DockPanel,
    /// Whether only its title is shown.
    pub is_folded: bool,
}

/// The panels of both sides from top to bottom, and the sides' widths. Every panel has exactly one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "KeptArrangement", into = "KeptArrangement")]
pub(in crate::ui) struct Arrangement {
    left: Vec<Place>,
    right: Vec<Place>,
    left_width: f32,
    right_width: f32,
}

impl Default for Arrangement {
    fn default() -> Self {
        let mut arrangement = Self { left: Vec::new(), right: Vec::new(), left_width: 232.0, right_width: 252.0 };
        arrangement.complete();
        arrangement
    }
}

impl Arrangement {
    /// The panels of a side from top to bottom.
    pub fn side(&self, side: DockSide) -> &[Place] {
        match side {
            DockSide::Left => &self.left,
            DockSide::Right => &self.right,
        }
    }

    fn side_mut(&mut self, side: DockSide) -> &mut Vec<Place> {
        match side {
            DockSide::Left => &mut self.left,
            DockSide::Right => &mut self.right,
        }
    }

    /// The width of a side in a window of this width, in points.
    pub fn width(&self, side: DockSide, window: f32) -> f32 {
        let chosen = match side {
            DockSide::Left => self.left_width,
            DockSide::Right => self.right_width,
        };
        chosen.min((window * LARGEST_SHARE).max(*WIDTHS.start()))
    }

    /// Makes a side this wide, in points.
    pub fn set_width(&mut self, side: DockSide, width: f32) {
        let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
        match side {
            DockSide::Left => self.left_width = width,
            DockSide::Right => self.right_width = width,
        }
    }

    /// Whether only the title of a panel is shown.
    pub fn is_folded(&self, panel: DockPanel) -> bool {
        let mut places = self.left.iter().chain(&self.right);
        places.any(|place| place.panel == panel && place.is_folded)
    }

    /// Folds a panel to its title, or unfolds it.
    pub fn toggle_fold(&mut self, panel: DockPanel) {
        for place in self.left.iter_mut().chain(&mut self.right) {
            place.is_folded ^= place.panel == panel;
        }
    }

    /// Shows all of a panel.
    pub fn unfold(&mut self, panel: DockPanel) {
        for place in self.left.iter_mut().chain(&mut self.right) {
            place.is_folded &= place.panel != panel;
        }
    }

    /// Moves a panel up by one place, if it is not the first.
    pub fn move_up(&mut self, panel: DockPanel) {
        let (side, at) = self.find(panel);
        if at > 0 {
            self.side_mut(side).swap(at, at - 1);
        }
    }

    /// Moves a panel down by one place, if it is not the last.
    pub fn move_down(&mut self, panel: DockPanel) {
        let (side, at) = self.find(panel);
        if at + 1 < self.side(side).len() {
            self.side_mut(side).swap(at, at + 1);
        }
    }

    /// Moves a panel to the end of the other side.
    pub fn move_across(&mut self, panel: DockPanel) {
        let side = self.find(panel).0.other();
        self.move_to(panel, side, usize::MAX);
    }

    /// Moves a panel to a side, above the panel that has this place there now; to its end where there is none.
    pub fn move_to(&mut self, panel: DockPanel, side: DockSide, place: usize) {
        let (from, at) = self.find(panel);
        let Some(moved) = self.side(from).get(at).copied() else { return };
        self.side_mut(from).remove(at);
        let to = if from == side && at < place { place.saturating_sub(1) } else { place };
        let there = self.side_mut(side);
        there.insert(to.min(there.len()), moved);
    }

    /// The place of a panel.
    pub fn find(&self, panel: DockPanel) -> (DockSide, usize) {
        let at = |side: DockSide| self.side(side).iter().position(|place| place.panel == panel);
        match at(DockSide::Left) {
            Some(at) => (DockSide::Left, at),
            None => (DockSide::Right, at(DockSide::Right).unwrap_or(0)),
        }
    }

    /// Gives every panel without a place one at the end of its usual side.
    fn complete(&mut self) {
        for panel in DockPanel::ALL {
            let has_place = self.left.iter().chain(&self.right).any(|place| place.panel == panel);
            if !has_place {
                self.side_mut(panel.home()).push(Place { panel, is_folded: panel.starts_folded() });
            }
        }
    }
}

/// The arrangement as it is kept in a file. Panels have names, so that those of another version do no harm.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
struct KeptArrangement {
    left: Vec<KeptPlace>,
    right: Vec<KeptPlace>,
    left_width: f32,
    right_width: f32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct KeptPlace {
    panel: String,
    folded: bool,
}

impl Default for KeptArrangement {
    fn default() -> Self {
        Arrangement::default().into()
    }
}

impl From<Arrangement> for KeptArrangement {
    fn from(arrangement: Arrangement) -> Self {
        let kept = |places: Vec<Place>| {
            let places = places.into_iter();
            places.map(|place| KeptPlace { panel: place.panel.id().into(), folded: place.is_folded }).collect()
        };
        let Arrangement { left, right, left_width, right_width } = arrangement;
        Self { left: kept(left), right: kept(right), left_width, right_width }
    }
}

impl From<KeptArrangement> for Arrangement {
    fn from(kept: KeptArrangement) -> Self {
        let mut arrangement = Self { left: Vec::new(), right: Vec::new(), left_width: 0.0, right_width: 0.0 };
        arrangement.set_width(DockSide::Left, kept.left_width);
        arrangement.set_width(DockSide::Right, kept.right_width);
        for (side, places) in [(DockSide::Left, kept.left), (DockSide::Right, kept.right)] {
            for place in places {
                let known = DockPanel::ALL.into_iter().find(|panel| panel.id() == place.panel);
                let taken = |panel| arrangement.left.iter().chain(&arrangement.right).any(|one| one.panel == panel);
                if let Some(panel) = known.filter(|panel| !taken(*panel)) {
                    arrangement.side_mut(side).push(Place { panel, is_folded: place.folded });
                }
            }
        }
        arrangement.complete();
        arrangement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DockPanel::{Brush, Color, Settings};
    use DockSide::{Left, Right};

    fn order(arrangement: &Arrangement) -> [Vec<DockPanel>; 2] {
        DockSide::ALL.map(|side| arrangement.side(side).iter().map(|place| place.panel).collect())
    }

    /// A panel in the arrangement of the first launch comes with every later one too.
    fn of(text: &str) -> Arrangement {
        serde_json::from_str(text).expect("reads")
    }

    /// Brush and colour at the left, settings at the right, whatever other panels there are.
    fn three() -> Arrangement {
        let place = |panel| Place { panel, is_folded: false };
        Arrangement { left: vec![place(Brush), place(Color)], right: vec![place(Settings)], ..Arrangement::default() }
    }

    #[test]
    fn panels_move_up_down_and_across() {
        let mut panels = three();
        panels.move_up(Brush);
        panels.move_down(Color);
        assert_eq!(order(&panels), [vec![Brush, Color], vec![Settings]], "they stay at the ends");
        panels.move_down(Brush);
        assert_eq!(order(&panels), [vec![Color, Brush], vec![Settings]]);
        panels.move_across(Color);
        assert_eq!(order(&panels), [vec![Brush], vec![Settings, Color]]);
        panels.move_across(Brush);
        panels.move_across(Settings);
        assert_eq!(order(&panels), [vec![Settings], vec![Color, Brush]]);
    }

    #[test]
    fn a_dropped_panel_lies_above_the_one_that_it_was_dropped_on() {
        for (to, place, wanted) in [
            (Left, 0, [vec![Color, Brush], vec![Settings]]),
            (Left, 1, [vec![Brush, Color], vec![Settings]]),
            (Left, 2, [vec![Brush, Color], vec![Settings]]),
            (Right, 0, [vec![Brush], vec![Color, Settings]]),
            (Right, 1, [vec![Brush], vec![Settings, Color]]),
            (Right, usize::MAX, [vec![Brush], vec![Settings, Color]]),
        ] {
            let mut panels = three();
            panels.move_to(Color, to, place);
            assert_eq!(order(&panels), wanted, "{to:?} {place}");
        }
        let mut panels = three();
        panels.move_to(Brush, Left, 2);
        assert_eq!(order(&panels), [vec![Color, Brush], vec![Settings]]);
    }

    #[test]
    fn the_arrangement_is_the_same_after_it_was_kept() {
        let mut panels = Arrangement::default();
        panels.move_across(Brush);
        panels.toggle_fold(Color);
        panels.set_width(Left, 300.0);
        let text = serde_json::to_string(&panels).expect("writes");
        assert_eq!(of(&text), panels);
        assert!(panels.is_folded(Color) && !panels.is_folded(Brush));
        panels.toggle_fold(Color);
        assert_ne!(of(&text), panels);
    }

    #[test]
    fn every_panel_has_one_place_whatever_the_file_says() {
        let usual = order(&Arrangement::default());
        for text in ["{}", r#"{"left": [], "right": []}"#, r#"{"left": [{"panel": "hats"}, {}], "top": 3}"#] {
            assert_eq!(order(&of(text)).concat().len(), DockPanel::ALL.len(), "{text}");
        }
        assert_eq!(order(&of("{}")), usual);
        let twice = of(r#"{"left": [{"panel": "settings", "folded": true}], "right": [{"panel": "settings"}]}"#);
        assert!(twice.is_folded(Settings) && order(&twice)[0].contains(&Settings));
        assert!(!order(&twice)[1].contains(&Settings));
    }

    #[test]
    fn a_side_leaves_most_of_the_window_to_the_canvas() {
        let mut panels = of(r#"{"left_width": 1e30, "right_width": -4}"#);
        assert_eq!((panels.width(Left, 4000.0), panels.width(Right, 4000.0)), (480.0, 180.0));
        assert!(panels.width(Left, 1024.0) <= 1024.0 * 0.27);
        panels.set_width(Left, 200.0);
        assert_eq!(panels.width(Left, 1024.0), 200.0);
        assert_eq!(panels.width(Left, 300.0), 180.0, "no window is that narrow");
    }
}
