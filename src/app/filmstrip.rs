//! The strip below the plot: small pictures of the same cloud at other σ, in the colours of the
//! plot.
//!
//! ```text
//!   ┌───────┐ ┌───────┐ ┏━━━━━━━┓ ┌───────┐ ┌───────┐
//!   │       │ │       │ ┃       ┃ │       │ │       │
//!   └───────┘ └───────┘ ┗━━━━━━━┛ └───────┘ └───────┘
//!   σ = 0.075  σ = 0.15  σ = 0.3   σ = 0.6   σ = 1.2
//! ```
//!
//! A click takes the σ of a picture. The pictures keep their σ as long as one of them is the
//! requested one, so that the next click finds the others in the same places.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use eframe::egui::{
    Align2, Color32, ColorImage, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::{
    Command,
    plot::filled,
    style::{accent, color},
};
use crate::{
    color::Scale,
    figure::{Palette, ViewBox},
    model::{Points, Sigma, ViewParams},
    numbers::format_number,
    session::{self, FilmSpec, Filmstrip, Scene, SpaceViewport, Still},
};

/// Number of pictures.
const COUNT: usize = 5;
/// Height of a picture, in logical pixels.
const PICTURE: f32 = 96.0;
/// Height of the caption under a picture, in logical pixels.
const CAPTION: f32 = 18.0;
/// Largest width of a picture, in logical pixels.
const WIDEST: f32 = 190.0;
/// Height of the strip, in logical pixels.
pub(super) const HEIGHT: f32 = PICTURE + CAPTION + 14.0;
/// How long a request must stay the same before pictures are made. With less, a zoom requests some
/// at every step; with more, they appear later.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// What the strip remembers from frame to frame.
#[derive(Default)]
pub(super) struct FilmstripState {
    /// The σ in the middle.
    middle: Option<Sigma>,
    /// A request that is not sent yet, and since when it has been the same.
    pending: Option<(ThumbnailRequest, Instant)>,
    /// The request that was sent last, and its number.
    sent: Option<ThumbnailRequest>,
    number: u64,
    frames: [Option<Thumbnail>; COUNT],
}

/// A picture as a texture on the device.
struct Thumbnail {
    still: Still,
    texture: TextureHandle,
}

/// What the pictures depend on.
#[derive(Clone)]
struct ThumbnailRequest {
    points: Weak<Points>,
    sigmas: [Sigma; COUNT],
    /// What the axes and the values are.
    labels: [String; 2],
    view: ViewBox,
    space: SpaceViewport,
    size: [u32; 2],
    radius: f32,
    dark: bool,
    view_params: ViewParams,
    scale: Scale,
}

impl PartialEq for ThumbnailRequest {
    fn eq(&self, other: &Self) -> bool {
        let Self { points, sigmas, labels, view, space, size, radius, dark, .. } = self;
        let Self { view_params, scale, .. } = self;
        points.ptr_eq(&other.points)
            && *sigmas == other.sigmas
            && *labels == other.labels
            && *view == other.view
            && *space == other.space
            && *size == other.size
            && radius.to_bits() == other.radius.to_bits()
            && *dark == other.dark
            && *view_params == other.view_params
            && *scale == other.scale
    }
}

/// What the strip is drawn from.
pub(super) struct FilmstripInputs<'a> {
    pub(super) scene: &'a Arc<Scene>,
    /// The requested σ.
    pub(super) sigma: Sigma,
    pub(super) view_params: &'a ViewParams,
    pub(super) scale: Scale,
    /// What the plot shows, and its size.
    pub(super) view: ViewBox,
    pub(super) space: SpaceViewport,
    pub(super) plot: Vec2,
    /// The newest pictures.
    pub(super) made: Option<&'a Filmstrip>,
    /// Whether the plot is complete and nothing is dragged, animated or computed.
    pub(super) is_idle: bool,
}

/// Draws the strip; returns the command of a click, and what pictures to make if those on screen
/// are outdated.
pub(super) fn filmstrip_ui(
    ui: &mut Ui,
    strip: &mut FilmstripState,
    film: &FilmstripInputs<'_>,
) -> (Option<Command>, Option<FilmSpec>) {
    let sigmas = strip.ladder(film.sigma, film.is_idle);
    let gap = 8.0;
    let count = COUNT as f32;
    let width = ((ui.available_width() - gap * (count - 1.0)) / count).clamp(20.0, WIDEST);
    let size = vec2(width.floor(), PICTURE);
    strip.take_in(ui, film.made);
    let request = strip.request(ui, film, sigmas, size);

    let mut command = None;
    let whole = count * size.x + (count - 1.0) * gap;
    let left = ui.max_rect().center().x - 0.5 * whole;
    let top = ui.max_rect().top() + 2.0;
    for (k, sigma) in sigmas.into_iter().enumerate() {
        let corner = pos2(left + k as f32 * (size.x + gap), top);
        let rect = Rect::from_min_size(corner, size);
        let frame = strip.frames[k].as_ref().filter(|frame| frame.still.sigma == sigma);
        if still_ui(ui, rect, sigma, sigma == film.sigma, frame) {
            command = Some(Command::TakeSigma(sigma));
        }
    }
    (command, request)
}

impl FilmstripState {
    /// The σ of the pictures on screen.
    pub(super) fn sigmas(&self, sigma: Sigma) -> Vec<Sigma> {
        let middle = self.middle.unwrap_or(sigma);
        let around = session::ladder(middle);
        if around.contains(&sigma) { around.to_vec() } else { session::ladder(sigma).to_vec() }
    }

    /// The σ of the pictures: around `sigma`, unless it is one of them already.
    fn ladder(&mut self, sigma: Sigma, is_idle: bool) -> [Sigma; COUNT] {
        let around = session::ladder;
        let middle = self.middle.get_or_insert(sigma);
        if is_idle && !around(*middle).contains(&sigma) {
            *middle = sigma;
        }
        around(*middle)
    }

    /// Loads the pictures that were made since the last frame into textures.
    fn take_in(&mut self, ui: &Ui, made: Option<&Filmstrip>) {
        let Some(made) = made.filter(|made| made.number == self.number) else { return };
        if made.stopped {
            self.sent = None;
        }
        for (frame, still) in self.frames.iter_mut().zip(&made.stills) {
            if frame.as_ref().is_none_or(|frame| !Arc::ptr_eq(&frame.still.rgba, &still.rgba)) {
                let size = still.size.map(|side| side as usize);
                let image = ColorImage::from_rgba_premultiplied(size, &still.rgba);
                let name = format!("σ = {}", still.sigma.get());
                let texture = ui.ctx().load_texture(name, image, TextureOptions::LINEAR);
                *frame = Some(Thumbnail { still: still.clone(), texture });
            }
        }
    }

    /// The pictures to make, once the request has stayed the same for [`DEBOUNCE`] and all is idle.
    fn request(
        &mut self,
        ui: &Ui,
        film: &FilmstripInputs<'_>,
        sigmas: [Sigma; COUNT],
        size: Vec2,
    ) -> Option<FilmSpec> {
        let FilmstripInputs { scene, view_params, scale, plot, .. } = film;
        let pixels_per_point = ui.ctx().pixels_per_point();
        let wanted = ThumbnailRequest {
            points: Arc::downgrade(&scene.prepared.points),
            sigmas,
            labels: scene.labels(),
            view: filled(&film.view, size, scene.has_equal_aspect(view_params)),
            space: film.space,
            size: [size.x, size.y].map(|side| (side * pixels_per_point).round() as u32),
            // Smaller than in the plot, but not as small as to be lost.
            radius: (0.5 * view_params.point_size * (size.x / plot.x.max(1.0)).sqrt()).max(0.8)
                * pixels_per_point,
            dark: ui.visuals().dark_mode,
            view_params: **view_params,
            scale: scale.clone(),
        };
        if self.sent.as_ref().is_some_and(|sent| !sent.points.ptr_eq(&wanted.points)) {
            self.frames = Default::default();
        }
        if self.sent.as_ref() == Some(&wanted) {
            self.pending = None;
            return None;
        }
        let since = match &self.pending {
            Some((same, since)) if *same == wanted => *since,
            _ => {
                let now = Instant::now();
                self.pending = Some((wanted.clone(), now));
                now
            }
        };
        if !film.is_idle {
            return None;
        }
        let left = DEBOUNCE.saturating_sub(since.elapsed());
        if !left.is_zero() {
            ui.ctx().request_repaint_after(left);
            return None;
        }
        self.number += 1;
        let ThumbnailRequest { view, space, size, radius, dark, .. } = wanted.clone();
        let ThumbnailRequest { view_params: look, scale, .. } = wanted.clone();
        self.sent = Some(wanted);
        let (number, scene) = (self.number, Arc::clone(scene));
        let sigmas = sigmas.to_vec();
        Some(FilmSpec { number, scene, sigmas, view, space, size, radius, dark, look, scale })
    }
}

/// Draws a picture and its caption; returns whether it was clicked.
fn still_ui(ui: &Ui, rect: Rect, sigma: Sigma, present: bool, frame: Option<&Thumbnail>) -> bool {
    let number = format_number(sigma.get(), 4);
    let with_caption = rect.with_max_y(rect.bottom() + CAPTION);
    let response =
        ui.interact(with_caption, ui.scope_id().with(("still", number.as_str())), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, present, format!("Take σ = {number}"))
    });
    let visuals = ui.visuals();
    let palette = Palette::of(visuals.dark_mode);
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, color(palette.background));
    let caption = TextStyle::Body.resolve(ui.style());
    if let Some(Thumbnail { texture, .. }) = frame {
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), rect, all, Color32::WHITE);
    } else {
        let ink = visuals.weak_text_color();
        painter.text(rect.center(), Align2::CENTER_CENTER, "…", caption.clone(), ink);
    }
    let stroke = if present {
        Stroke::new(2.0, accent(visuals.dark_mode))
    } else if response.hovered() || response.has_focus() {
        Stroke::new(1.5, visuals.strong_text_color())
    } else {
        Stroke::new(1.0, color(palette.frame))
    };
    painter.rect_stroke(rect, 3.0, stroke, StrokeKind::Outside);
    let ink = if present { visuals.strong_text_color() } else { visuals.text_color() };
    let at = rect.center_bottom() + vec2(0.0, 3.0);
    painter.text(at, Align2::CENTER_TOP, format!("σ = {number}"), caption, ink);
    let clicked = response.clicked();
    response.on_hover_text(frame.map_or_else(
        || "This picture is made when nothing else is computed".to_owned(),
        |frame| told(&frame.still),
    ));
    clicked
}

/// What a picture was computed on, in words.
fn told(still: &Still) -> String {
    let part = |[some, all]: [usize; 2], what: &str| {
        let count = |n: usize| format_number(n as f64, 12);
        if some == all {
            format!("all {} {what}", count(all))
        } else {
            format!("{} of {} {what}", count(some), count(all))
        }
    };
    format!(
        "Click to take this σ. Computed for {}, from {}; in the colours of the plot",
        part(still.targets, "targets in view"),
        part(still.sources, "sources")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "few digits, as they are read")]
    fn the_ladder_stays_while_sigma_is_on_it() {
        let sigma = |sigma| Sigma::new(sigma).expect("legal");
        let mut strip = FilmstripState::default();
        let ladder = strip.ladder(sigma(0.3), true);
        assert_eq!(ladder.map(Sigma::get), [0.075, 0.15, 0.3, 0.6, 1.2]);
        assert_eq!(strip.ladder(sigma(0.15), true), ladder);
        // Not while σ is on its way.
        assert_eq!(strip.ladder(sigma(0.2), false), ladder);
        assert_eq!(strip.ladder(sigma(0.2), true)[0], sigma(0.05));
        let odd = sigma(1.0 / 3.0);
        assert_eq!(strip.ladder(odd, true)[2], odd);
        let ends = strip.ladder(sigma(Sigma::MIN), true);
        assert!(ends.is_sorted());
    }
}
