//! Saves pictures of the plot as the dialog says, and draws the small one that it shows.

use std::{path::Path, sync::Arc};

use eframe::egui::{self, Context};

use super::{
    super::{Command, plot::SplitView, save::save_ui},
    Window,
};
use crate::{
    model::Sigma,
    session::{
        Drawn, Job, Notice, NoticeKind, Page, PageChoice, Paths, PictureFormat, PictureSpec, Scene,
        Screen, SizeChoice, SpacePicture, Viewport, command_line, files::Replace,
    },
};

/// The most pixels of a picture on the clipboard: with X11 what is larger than 16 MB as a PNG file comes to no
/// other program, and pictures of rasters and dots have up to a byte for each pixel.
const COPIED: f64 = 12e6;
/// The longest side of the small picture in pixels.
const PREVIEW: f64 = 560.0;
/// The least scale at which figures are drawn.
const LEAST_SCALE: f64 = 0.25;

impl Window {
    /// The window as pictures see it.
    pub(super) fn screen(ctx: &Context) -> Screen {
        let size = ctx.content_rect().size();
        Screen {
            size: [size.x.round(), size.y.round()].map(f64::from),
            scale: ctx.pixels_per_point(),
            dark: ctx.theme() == egui::Theme::Dark,
        }
    }

    /// A picture of the plot on screen on this page.
    pub(super) fn picture_on(&self, page: Page) -> Option<(Arc<Scene>, PictureSpec)> {
        let scene = self.shown_scene()?.clone();
        let view = match self.plot.viewport {
            Viewport::Home => None,
            Viewport::All => Some(scene.all()),
            Viewport::Free(view) => Some(view),
        };
        let mut look = self.params.view;
        page.style.shrink_dots(&mut look);
        let spec = PictureSpec {
            page,
            view,
            space: SpacePicture { viewport: self.plot.space.viewport, direction: None },
            look,
            marks: self.state.selection.marks(&scene).map(|marks| Arc::clone(&marks.bits)),
            split: self.plot.split.as_ref().and_then(|split: &SplitView| split.picture(&scene)),
            film: self.strip_sigmas(),
        };
        Some((scene, spec))
    }

    /// The σ of the strip below the plot, if it is shown.
    pub(super) fn strip_sigmas(&self) -> Vec<Sigma> {
        if self.shows_filmstrip() { self.filmstrip.sigmas(self.sigma()) } else { Vec::new() }
    }

    /// Puts a picture of the plot on the clipboard, on the page that a picture was saved on last.
    pub(super) fn copy_picture(&mut self, ctx: &Context) {
        let screen = Self::screen(ctx);
        let usual = || PageChoice { size: SizeChoice::Screen(1), ..PageChoice::default() };
        let choice = self.preferences.settings().page.clone().unwrap_or_else(usual);
        let mut page = match choice.page(screen, PictureFormat::Png) {
            Ok(page) => page,
            Err(problem) => {
                let text = format!("the picture was not copied: {problem}");
                self.notices.push(Notice { kind: NoticeKind::BadInput, text });
                return;
            }
        };
        let pixels: f64 = page.pixels().map(f64::from).iter().product();
        if pixels > COPIED {
            page.scale *= (COPIED / pixels).sqrt() as f32;
            let text = "The picture is too large for the clipboard: it is copied with fewer pixels; save it to \
                        have them all";
            let text = text.to_owned();
            self.notices.push(Notice { kind: NoticeKind::BadInput, text });
        }
        if let Some((scene, spec)) = self.picture_on(page) {
            self.session.jobs().add(Job::CopyPicture { scene, spec });
        }
    }

    /// Saves a picture on the page that was chosen, and remembers the choice.
    pub(super) fn save_picture(
        &mut self,
        ctx: &Context,
        path: std::path::PathBuf,
        choice: &PageChoice,
        replace: Replace,
    ) {
        self.save.destination.open = false;
        self.preferences.remember_folder_of(ctx, &path);
        self.preferences.change(ctx, |settings| settings.page = Some(choice.clone()));
        let format = PictureFormat::of(&path).unwrap_or_default();
        // The dialog has refused what makes no sense.
        let Ok(page) = choice.page(Self::screen(ctx), format) else { return };
        if let Some((scene, spec)) = self.picture_on(page) {
            let document = Some(self.saved_with(choice.paths()));
            self.session.jobs().add(Job::SavePicture { scene, spec, document, path, replace });
        }
    }

    /// Draws the dialog, if it is open, and has its small picture drawn.
    pub(super) fn save_dialog(&mut self, ctx: &Context) -> Option<Command> {
        self.ask_for_preview(ctx);
        let screen = Self::screen(ctx);
        let mut state = std::mem::take(&mut self.save);
        let command = save_ui(ctx, &mut state, screen, |choice, path| {
            self.picture_command(choice, screen, path)
        });
        self.save = state;
        command
    }

    /// Has the small picture drawn that the open dialog shows, if it is of something else now.
    fn ask_for_preview(&mut self, ctx: &Context) {
        if !self.save.destination.open {
            self.save.preview.forget();
            return;
        }
        let Ok(mut page) = self.save.choice.page(Self::screen(ctx), PictureFormat::Png) else {
            return;
        };
        let [width, height] = page.size;
        let scale = (PREVIEW / width.max(height)).max(LEAST_SCALE);
        page.scale = (scale as f32).min(page.scale);
        let picture = self.picture_on(page);
        if let Some((scene, spec)) = picture
            && self.save.preview.wants(&spec, &scene)
        {
            self.session.jobs().add(Job::PreviewPicture { scene, spec });
        }
    }

    /// The command that draws what is on screen on this page to a file of this name.
    ///
    /// # Errors
    /// With what flags cannot say.
    fn picture_command(
        &self,
        choice: &PageChoice,
        screen: Screen,
        out: &str,
    ) -> Result<String, Vec<&'static str>> {
        let scene = self.scene();
        let labels = scene.map(|scene| scene.shown.labels3()).unwrap_or_default();
        let dim = scene.map(|scene| scene.prepared.points.dim());
        let page = choice.flags(screen);
        let (params, on_screen) = (&self.params, &self.on_screen());
        command_line(&Drawn { params, on_screen, page, dim, labels: &labels }, out)
    }

    /// Puts the command on the clipboard that draws what is on screen on this page; what flags cannot say goes
    /// into a session in the current folder.
    pub(super) fn copy_command(&mut self, ctx: &Context, choice: &PageChoice, out: String) {
        let screen = Self::screen(ctx);
        match self.picture_command(choice, screen, &out) {
            Ok(command) => {
                ctx.copy_text(command);
                let text = "Copied the command that draws this".to_owned();
                self.notices.push(Notice { kind: NoticeKind::Done, text });
            }
            Err(unsaid) => {
                let format = PictureFormat::of(Path::new(&out)).unwrap_or_default();
                let Ok(page) = choice.page(screen, format) else { return };
                let (params, page) = (Box::new(self.params.clone()), Box::new(page));
                let (scene, document) = (self.scene().cloned(), self.saved_with(Paths::Embedded));
                let job = Job::CopyCommand { params, scene, document, page, out, unsaid };
                self.session.jobs().add(job);
            }
        }
    }
}
