//! A rectangle that may lie partly or wholly outside a canvas.

use super::{PixelRect, Size};

/// A rectangle of pixels beside or on a canvas, whose upper left pixel may lie at negative places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The column of its left edge, in canvas pixels.
    pub x: i64,
    /// The row of its upper edge, in canvas pixels.
    pub y: i64,
    /// Width and height in pixels.
    pub size: Size,
}

impl Region {
    /// All of a canvas.
    pub fn whole(size: Size) -> Self {
        Self { x: 0, y: 0, size }
    }

    /// A rectangle of a canvas; `None` for an empty one or one that no canvas is as large as.
    pub fn of_rect(rect: PixelRect) -> Option<Self> {
        let size = Size::new(rect.width(), rect.height()).ok()?;
        Some(Self { x: i64::try_from(rect.x0).ok()?, y: i64::try_from(rect.y0).ok()?, size })
    }

    /// The column right of it.
    pub fn right(&self) -> i64 {
        self.x.saturating_add(self.size.width() as i64)
    }

    /// The row below it.
    pub fn bottom(&self) -> i64 {
        self.y.saturating_add(self.size.height() as i64)
    }

    /// Whether all of it lies on a canvas of this size.
    pub fn is_inside(&self, canvas: Size) -> bool {
        let (right, bottom) = (canvas.width() as i64, canvas.height() as i64);
        self.x >= 0 && self.y >= 0 && self.right() <= right && self.bottom() <= bottom
    }

    /// The pixels of a canvas of this size that lie in it; empty where none do.
    pub fn on(&self, canvas: Size) -> PixelRect {
        let cut = |at: i64, side: usize| at.clamp(0, side as i64) as usize;
        let (width, height) = (canvas.width(), canvas.height());
        PixelRect {
            x0: cut(self.x, width),
            y0: cut(self.y, height),
            x1: cut(self.right(), width),
            y1: cut(self.bottom(), height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_on_a_canvas_is_cut_at_its_edges_and_extreme_places_do_no_harm() {
        let (canvas, size) = (Size::new(100, 50).expect("a size"), Size::new(40, 40).expect("a size"));
        let on = |x, y| Region { x, y, size }.on(canvas);
        assert_eq!(on(-10, 20), PixelRect { x0: 0, y0: 20, x1: 30, y1: 50 });
        assert_eq!(on(90, -60).width() * on(90, -60).height(), 0);
        for (x, y) in [(i64::MAX, i64::MIN), (i64::MIN, i64::MAX)] {
            assert_eq!((on(x, y).width(), on(x, y).height()), (0, 0));
            assert!(!Region { x, y, size }.is_inside(canvas));
        }
        assert!(Region { x: 60, y: 10, size }.is_inside(canvas) && !Region { x: 61, y: 10, size }.is_inside(canvas));
        assert_eq!(Region::of_rect(PixelRect { x0: 5, y0: 5, x1: 5, y1: 9 }), None);
    }
}
