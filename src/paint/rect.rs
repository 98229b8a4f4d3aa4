//! A rectangle of whole pixels.

use super::Size;

/// Pixels `x0 <= x < x1`, `y0 <= y < y1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelRect {
    /// Left edge, inside.
    pub x0: usize,
    /// Top edge, inside.
    pub y0: usize,
    /// Right edge, outside.
    pub x1: usize,
    /// Bottom edge, outside.
    pub y1: usize,
}

impl PixelRect {
    /// The whole of a `width` by `height` picture.
    pub fn whole(width: usize, height: usize) -> Self {
        Self { x0: 0, y0: 0, x1: width, y1: height }
    }

    /// The pixels that a shape spanning these real coordinates can touch, cut to the picture;
    /// `None` when it lies outside.
    pub fn around(left: f32, top: f32, right: f32, bottom: f32, width: usize, height: usize) -> Option<Self> {
        let cut = |v: f32, limit: usize| v.clamp(0.0, limit as f32) as usize;
        let rect = Self {
            x0: cut(left.floor(), width),
            y0: cut(top.floor(), height),
            x1: cut(right.ceil(), width),
            y1: cut(bottom.ceil(), height),
        };
        (rect.x0 < rect.x1 && rect.y0 < rect.y1).then_some(rect)
    }

    /// The part of it that lies inside a canvas of this size; empty where none does.
    pub fn inside(self, size: Size) -> Self {
        let (x1, y1) = (self.x1.min(size.width()), self.y1.min(size.height()));
        Self { x0: self.x0.min(x1), y0: self.y0.min(y1), x1, y1 }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.x1.saturating_sub(self.x0)
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.y1.saturating_sub(self.y0)
    }

    /// The smallest rectangle that holds both.
    pub fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}
