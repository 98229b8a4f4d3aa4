//! The shape of a convolution, and which input pixel lies under which tap.

/// The zeros around the input of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// This many rows and columns of zeros on every side.
    Even(usize),
    /// One row below and one column to the right, as in the autoencoder's downsampling.
    Far,
}

/// The shape of a convolution over `[images, height, width, channels]`.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// How many images there are.
    pub images: usize,
    /// Rows of an input image, in pixels.
    pub height: usize,
    /// Columns of an input image, in pixels.
    pub width: usize,
    /// Side of the square kernel, in pixels: 1 or 3, say.
    pub kernel: usize,
    /// Input pixels from one output pixel to the next, at least 1.
    pub stride: usize,
    /// The zeros around the input.
    pub edges: Edges,
}

impl ConvShape {
    /// Rows and columns of an output image; 0 where the kernel is larger than the input with its edges.
    pub fn output(&self) -> (usize, usize) {
        let zeros = match self.edges {
            Edges::Even(zeros) => 2 * zeros,
            Edges::Far => 1,
        };
        let side = |length: usize| match (length + zeros).checked_sub(self.kernel) {
            Some(room) => room / self.stride + 1,
            None => 0,
        };
        (side(self.height), side(self.width))
    }

    /// The columns of row `y` of an output image `width` columns wide whose input pixel under tap `(ky, kx)` lies in the
    /// image; none where the row does not.
    pub fn columns_inside(&self, y: usize, ky: usize, kx: usize, width: usize) -> std::ops::Range<usize> {
        let before = match self.edges {
            Edges::Even(zeros) => zeros,
            Edges::Far => 0,
        };
        let line = y * self.stride + ky;
        if line < before || line - before >= self.height {
            return 0..0;
        }
        let from = before.saturating_sub(kx).div_ceil(self.stride);
        let to = (self.width + before).saturating_sub(kx).div_ceil(self.stride);
        from.min(width)..to.min(width).max(from.min(width))
    }

    /// Where the input pixel under tap `(ky, kx)` of output pixel `(y, x)` lies, in pixels from the image's
    /// first; `None` in the zeros around the image.
    pub fn source(&self, y: usize, x: usize, ky: usize, kx: usize) -> Option<usize> {
        let before = match self.edges {
            Edges::Even(zeros) => zeros,
            Edges::Far => 0,
        };
        let along = |at: usize, k: usize, length: usize| {
            let at = (at * self.stride + k).checked_sub(before)?;
            (at < length).then_some(at)
        };
        Some(along(y, ky, self.height)? * self.width + along(x, kx, self.width)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_has_a_pixel_for_each_place_of_the_kernel() {
        let shape = ConvShape { images: 1, height: 8, width: 5, kernel: 3, stride: 1, edges: Edges::Even(1) };
        assert_eq!(shape.output(), (8, 5));
        assert_eq!(ConvShape { stride: 2, ..shape }.output(), (4, 3));
        assert_eq!(ConvShape { stride: 2, edges: Edges::Far, ..shape }.output(), (4, 2));
        assert_eq!(ConvShape { edges: Edges::Even(0), width: 2, ..shape }.output(), (6, 0));
    }
}
