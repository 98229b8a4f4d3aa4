//! The usual shapes of pictures.

use super::Settings;

/// A shape, as the parts of its width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AspectRatio {
    /// Parts of the width.
    pub across: usize,
    /// Parts of the height.
    pub down: usize,
}

impl AspectRatio {
    /// The usual ones, the square first, then the wide ones and the upright ones.
    pub const ALL: [Self; 7] = [
        Self { across: 1, down: 1 },
        Self { across: 4, down: 3 },
        Self { across: 3, down: 2 },
        Self { across: 16, down: 9 },
        Self { across: 3, down: 4 },
        Self { across: 2, down: 3 },
        Self { across: 9, down: 16 },
    ];

    /// Its name in the window.
    pub fn label(self) -> String {
        format!("{}:{}", self.across, self.down)
    }

    /// Width and height of this shape with about as many pixels as `width` by `height`, in the steps and limits of
    /// [`Settings`]. Going from shape to shape and back gives the same size again, except at the limits.
    pub fn size(self, (width, height): (usize, usize)) -> (usize, usize) {
        let pixels = width.saturating_mul(height) as f64;
        let shape = self.across as f64 / self.down as f64;
        let side = |length: f64| Settings::nearest_side(length.round() as usize);
        let (mut across, mut down) = ((pixels * shape).sqrt(), (pixels / shape).sqrt());
        // At a limit the other side follows, so that the shape stays.
        let most = Settings::MAX_SIDE as f64;
        let least = Settings::MIN_SIDE as f64;
        let by = (most / across.max(down)).min(1.0).max(least / across.min(down));
        (across, down) = (across * by, down * by);
        (side(across), side(down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_keeps_the_pixels_and_leads_back() {
        for size in [(512, 512), (768, 768), (640, 448), (1024, 1024), (448, 640)] {
            for shape in AspectRatio::ALL {
                let (width, height) = shape.size(size);
                let settings = Settings { width, height, ..Settings::default() };
                settings.check().expect("on the grid");
                let wanted = shape.across as f64 / shape.down as f64;
                let got = width as f64 / height as f64;
                assert!((got / wanted - 1.0).abs() < 0.03, "{size:?} {}: {width}x{height}", shape.label());
                let pixels = (width * height) as f64 / (size.0 * size.1) as f64;
                assert!((pixels - 1.0).abs() < 0.03, "{size:?} {}: {width}x{height}", shape.label());
                assert_eq!(shape.size((width, height)), (width, height), "pressed twice");
            }
        }
        assert_eq!(
            AspectRatio::ALL.map(|shape| shape.size((512, 512)))[..4],
            [(512, 512), (592, 440), (624, 416), (680, 384)]
        );
        for shape in AspectRatio::ALL {
            let (width, height) = AspectRatio::ALL[0].size(shape.size((512, 512)));
            assert_eq!((width, height), (512, 512), "{}", shape.label());
        }
    }

    #[test]
    fn at_the_limits_the_shape_stays() {
        let [_, _, _, wide, _, _, upright] = AspectRatio::ALL;
        assert_eq!(wide.size((2048, 2048)), (2048, 1152));
        assert_eq!(upright.size((64, 64)), (64, 112));
        for (width, height) in [(0, 0), (usize::MAX, usize::MAX), (64, 2048)] {
            for shape in AspectRatio::ALL {
                let (width, height) = shape.size((width, height));
                Settings { width, height, ..Settings::default() }.check().expect("on the grid");
            }
        }
    }
}
