//! The rectangle of the crop tool.

use crate::document::size::canvas_side;
use crate::paint::{Region, Size};

/// What a drag of the crop tool does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) enum CropDrag {
    /// Moves all of it; the pointer was pressed here, in canvas pixels.
    Move((f32, f32)),
    /// Moves edges: to the left (-1), right (1) or neither (0), and to the top (-1), bottom (1) or neither.
    Edges(i8, i8),
    /// Draws another one from here, in canvas pixels.
    New((f32, f32)),
}

impl CropDrag {
    /// The rectangle while the pointer is at `to`, in canvas pixels. `before` is what it was when the pointer was pressed.
    pub fn region(self, before: Region, to: (f32, f32)) -> Region {
        match self {
            Self::Move(from) => {
                let along = |at: i64, from: f32, to: f32| at.saturating_add(whole(to - from));
                Region { x: along(before.x, from.0, to.0), y: along(before.y, from.1, to.1), ..before }
            }
            Self::Edges(across, down) => moved_edges(before, (across, down), (whole(to.0), whole(to.1))),
            Self::New(from) => {
                let start = (whole(from.0), whole(from.1));
                let corner = Region { x: start.0, y: start.1, size: before.size };
                let toward = |from: f32, to: f32| if to < from { -1 } else { 1 };
                let (across, down) = (toward(from.0, to.0), toward(from.1, to.1));
                // The corner that stays is where the drag began.
                let corner = Region {
                    x: if across < 0 { start.0.saturating_sub(before.size.width() as i64) } else { corner.x },
                    y: if down < 0 { start.1.saturating_sub(before.size.height() as i64) } else { corner.y },
                    ..corner
                };
                moved_edges(corner, (across, down), (whole(to.0), whole(to.1)))
            }
        }
    }
}

/// The rectangle with edges near a place: the left or right one, as `across` is -1 or 1, and the upper or lower one, as
/// `down` is. The opposite edges stay, and both sides are ones that a canvas can have.
fn moved_edges(region: Region, (across, down): (i8, i8), to: (i64, i64)) -> Region {
    let along = |start: i64, side: usize, which: i8, to: i64| match which {
        1 => (start, canvas_side(to.saturating_sub(start))),
        -1 => {
            let end = start.saturating_add(side as i64);
            let side = canvas_side(end.saturating_sub(to));
            (end.saturating_sub(side as i64), side)
        }
        _ => (start, side),
    };
    let (x, width) = along(region.x, region.size.width(), across, to.0);
    let (y, height) = along(region.y, region.size.height(), down, to.1);
    // Both are sides that a canvas can have.
    Region { x, y, size: Size::new(width, height).unwrap_or(region.size) }
}

/// The nearest whole pixel. Places farther away than any canvas reaches are cut.
fn whole(at: f32) -> i64 {
    at.round().clamp(-100_000.0, 100_000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(x: i64, y: i64, width: usize, height: usize) -> Region {
        Region { x, y, size: Size::new(width, height).expect("a size") }
    }

    #[test]
    fn a_dragged_edge_follows_in_steps_and_the_opposite_one_stays() {
        let before = region(10, 20, 128, 128);
        assert_eq!(CropDrag::Edges(1, 0).region(before, (171.0, 0.0)), region(10, 20, 160, 128));
        assert_eq!(CropDrag::Edges(-1, 1).region(before, (-20.0, 85.0)), region(-22, 20, 160, 64));
        assert_eq!(CropDrag::Edges(0, -1).region(before, (0.0, 500.0)), region(10, 84, 128, 64), "never too small");
        assert_eq!(CropDrag::Edges(1, 1).region(before, (f32::NAN, f32::INFINITY)).size.height(), 4096);
    }

    #[test]
    fn a_drag_inside_moves_and_one_outside_draws_another_from_where_it_began() {
        let before = region(10, 20, 128, 128);
        assert_eq!(CropDrag::Move((50.0, 50.0)).region(before, (41.4, 60.2)), region(1, 30, 128, 128));
        assert_eq!(CropDrag::New((200.0, 200.0)).region(before, (301.0, 280.0)), region(200, 200, 104, 80));
        assert_eq!(CropDrag::New((200.0, 200.0)).region(before, (96.0, 120.0)), region(96, 120, 104, 80));
    }
}
