//! Pictures of depth for control networks, made by a network of their own.

use image::RgbImage;

use super::{Cancel, Error};

/// Makes pictures of depth. An engine is given one where it is made, so that it need not know the network.
pub trait DepthMaps: Send + Sync {
    /// How near each pixel of a picture is, in its size: the nearest white, the farthest black. The same picture always gives the
    /// same map.
    ///
    /// # Errors
    /// If the network is not on this machine or its file cannot be used, with what to do; or [`Error::Cancelled`].
    fn depth_map(&self, picture: &RgbImage, cancel: &Cancel) -> Result<RgbImage, Error>;
}
