//! Where is something, in fractions of pixels? In a [`Rect`].

/// A rectangle with sub-pixel edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// A rectangle at the origin.
    #[must_use]
    pub fn sized(w: f64, h: f64) -> Self {
        Self { x: 0.0, y: 0.0, w, h }
    }

    /// Moved by an offset.
    #[must_use]
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..self }
    }

    /// Every coordinate multiplied.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { x: self.x * factor, y: self.y * factor, w: self.w * factor, h: self.h * factor }
    }

    /// Enlarged about a point.
    #[must_use]
    pub fn scaled_about(self, cx: f64, cy: f64, factor: f64) -> Self {
        Self {
            x: cx + (self.x - cx) * factor,
            y: cy + (self.y - cy) * factor,
            w: self.w * factor,
            h: self.h * factor,
        }
    }

    /// Edges on even pixels, so that luma and chroma are copied instead of sampled.
    #[must_use]
    pub fn on_even_pixels(self) -> Self {
        let even = |value: f64| (value / 2.0).round() * 2.0;
        Self { x: even(self.x), y: even(self.y), w: even(self.w).max(2.0), h: even(self.h).max(2.0) }
    }

    /// Whether a frame of this size is wholly inside.
    #[must_use]
    pub fn covers(&self, width: usize, height: usize) -> bool {
        let slack = 1e-6;
        self.x <= slack
            && self.y <= slack
            && self.x + self.w >= width as f64 - slack
            && self.y + self.h >= height as f64 - slack
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_edges_stay_where_they_are() {
        let rect = Rect { x: 4.0, y: 6.0, w: 100.0, h: 50.0 };
        assert_eq!(rect.on_even_pixels(), rect);
    }

    #[test]
    fn scaling_about_the_centre_keeps_the_centre() {
        let rect = Rect::sized(100.0, 50.0).scaled_about(50.0, 25.0, 2.0);
        assert_eq!(rect, Rect { x: -50.0, y: -25.0, w: 200.0, h: 100.0 });
        assert!(rect.covers(100, 50));
    }
}
