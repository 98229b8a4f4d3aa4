//! The names that OpenRaster gives to the ways in which a layer meets those below it.

use crate::paint::BlendMode;

/// How a layer is drawn, as its `composite-op` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CompositeOp {
    pub blend: BlendMode,
    /// Whether it is drawn only where there is something below.
    pub is_atop: bool,
}

impl CompositeOp {
    /// What a name means; `None` if this program has no such way of drawing.
    pub fn read(name: &str) -> Option<Self> {
        let atop = |blend| Some(Self { blend, is_atop: true });
        let over = |blend| Some(Self { blend, is_atop: false });
        match name {
            // Krita wrote some names without their prefix.
            "" | "svg:src-over" | "src-over" => over(BlendMode::Normal),
            "svg:src-atop" => atop(BlendMode::Normal),
            "krita:exclusion" => over(BlendMode::Exclusion),
            name => {
                let id = name.strip_prefix("svg:").unwrap_or(name);
                over(BlendMode::from_id(id).filter(|mode| *mode != BlendMode::Normal)?)
            }
        }
    }

    /// Its name. A blend mode that is drawn only where there is something below has no name for both.
    pub fn name(self) -> String {
        match self {
            Self { blend: BlendMode::Normal, is_atop: false } => "svg:src-over".into(),
            Self { blend: BlendMode::Normal, is_atop: true } => "svg:src-atop".into(),
            Self { blend, .. } => format!("svg:{}", blend.id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_comes_back_by_its_name() {
        for blend in BlendMode::ALL {
            let op = CompositeOp { blend, is_atop: false };
            assert_eq!(CompositeOp::read(&op.name()), Some(op));
        }
        let atop = CompositeOp { blend: BlendMode::Normal, is_atop: true };
        assert_eq!(CompositeOp::read(&atop.name()), Some(atop));
        assert_eq!(CompositeOp { blend: BlendMode::ColorDodge, is_atop: false }.name(), "svg:color-dodge");
        for unknown in ["svg:dst-out", "svg:plus", "krita:dissolve", "svg:normal", "svg:"] {
            assert_eq!(CompositeOp::read(unknown), None, "{unknown}");
        }
    }
}
