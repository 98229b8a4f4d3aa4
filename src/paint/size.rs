//! The size of a canvas.

/// The longest side a canvas can have, in pixels.
pub const MAX_SIDE: usize = 4096;

/// Width and height of a canvas in pixels, both in `1..=`[`MAX_SIDE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    width: usize,
    height: usize,
}

/// Why no canvas can have a size, as one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A side is 0.
    #[error("A canvas must be at least one pixel wide and high.")]
    Empty,
    /// A side is longer than [`MAX_SIDE`].
    #[error("A canvas can be at most {MAX_SIDE} pixels wide and high, not {width} by {height}; choose a smaller size.")]
    TooLong {
        /// The width asked for.
        width: usize,
        /// The height asked for.
        height: usize,
    },
    /// The number of bytes does not belong to a picture of this size.
    #[error("A picture of {width} by {height} pixels does not have {bytes} bytes.")]
    Bytes {
        /// The width asked for.
        width: usize,
        /// The height asked for.
        height: usize,
        /// How many bytes there are.
        bytes: usize,
    },
}

impl Size {
    /// 512 by 512 pixels, what Stable Diffusion 1.5 was trained on.
    pub const DEFAULT: Self = Self { width: 512, height: 512 };

    /// Checks both sides.
    ///
    /// # Errors
    /// [`SizeError::Empty`] if a side is 0, [`SizeError::TooLong`] if one is above [`MAX_SIDE`].
    pub fn new(width: usize, height: usize) -> Result<Self, SizeError> {
        if width == 0 || height == 0 {
            return Err(SizeError::Empty);
        }
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(SizeError::TooLong { width, height });
        }
        Ok(Self { width, height })
    }

    /// Width in pixels.
    pub fn width(self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(self) -> usize {
        self.height
    }

    /// Width and height exchanged.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// Width times height.
    pub fn pixels(self) -> usize {
        self.width * self.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_outside_the_range_is_an_error_that_names_the_limit() {
        assert_eq!(Size::new(0, 5), Err(SizeError::Empty));
        let text = Size::new(MAX_SIDE + 1, 5).expect_err("too long").to_string();
        assert!(text.contains("4096") && text.contains("4097 by 5"), "{text}");
        assert_eq!(Size::new(usize::MAX, usize::MAX).map(Size::pixels).ok(), None);
        assert_eq!(Size::new(MAX_SIDE, 1).map(|s| (s.width(), s.height())), Ok((MAX_SIDE, 1)));
    }
}
