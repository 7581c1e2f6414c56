//! Saves pictures of the plot as the dialog says, and draws the small one that it shows.

use std::sync::Arc;

use eframe::egui::{self, Context};

use super::{
    super::{Command, plot::SplitView, save::save_ui},
    Window,
};
use crate::{
    figure::ViewBox,
    session::{
        Job, Page, PageChoice, PictureFormat, PictureSpec, Scene, Screen, Sheet, SpacePicture,
        Viewport, files::Replace, flags,
    },
};

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
    fn picture_on(
        &self,
        sheet: &Sheet,
        page: Page,
        dark: bool,
    ) -> Option<(Arc<Scene>, PictureSpec)> {
        let scene = self.scene()?.clone();
        let view = match self.plot.viewport {
            Viewport::Home => None,
            Viewport::All => Some(scene.all()),
            Viewport::Free(view) => Some(view),
        };
        let mut look = self.params.view;
        if page.print {
            page.shrink_dots(&mut look);
        }
        let spec = PictureSpec {
            size: sheet.size,
            scale: sheet.scale,
            dark,
            view,
            space: SpacePicture { viewport: self.plot.space.viewport, direction: None },
            look,
            marks: self.state.selection.marks(&scene).map(|marks| Arc::clone(&marks.bits)),
            page,
            split: self.plot.split.as_ref().and_then(|split: &SplitView| split.picture(&scene)),
        };
        Some((scene, spec))
    }

    /// A picture of the plot on screen, at the window's size.
    pub(super) fn picture(&self, ctx: &Context) -> Option<(Arc<Scene>, PictureSpec)> {
        let Screen { size, scale, dark } = Self::screen(ctx);
        let sheet = Sheet { size, scale, print: false, font: None };
        self.picture_on(&sheet, Page::default(), dark)
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
        let Ok(chosen) = choice.page(Self::screen(ctx), format) else { return };
        if let Some((scene, spec)) = self.picture_on(&chosen.sheet, chosen.page, chosen.dark) {
            self.session.jobs().add(Job::SavePicture { scene, spec, path, replace });
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
            return;
        }
        let Ok(mut chosen) = self.save.choice.page(Self::screen(ctx), PictureFormat::Png) else {
            return;
        };
        let [width, height] = chosen.sheet.size;
        let scale = (PREVIEW / width.max(height)).max(LEAST_SCALE);
        chosen.sheet.scale = (scale as f32).min(chosen.sheet.scale);
        let picture = self.picture_on(&chosen.sheet, chosen.page, chosen.dark);
        if let Some((scene, spec)) = picture
            && self.save.preview.wants(&spec, &scene)
        {
            self.session.jobs().add(Job::PreviewPicture { scene, spec });
        }
    }

    /// The command that draws what is on screen on this page to a file of this name.
    fn picture_command(&self, choice: &PageChoice, screen: Screen, path: &str) -> String {
        let mut words = vec!["sigmascope".to_owned(), "render".to_owned()];
        let (flags, mut untold) = flags(&self.params);
        words.extend(flags);
        words.extend(self.view_flags());
        words.extend(choice.flags(screen));
        words.extend(["--out".to_owned(), path.to_owned()]);
        let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        if !self.state.selection.is_empty() {
            untold.push("the selection");
        }
        if self.plot.split.is_some() {
            untold.push("A and B");
        }
        if untold.is_empty() {
            return line;
        }
        format!("{line}  # without {}", untold.join(", "))
    }

    /// The flags that ask for the part of the plane, or the camera, that is on screen.
    fn view_flags(&self) -> Vec<String> {
        let Some(scene) = self.scene() else { return Vec::new() };
        let mut flags = Vec::new();
        if scene.shown.space().is_some() {
            let viewport = self.plot.space.viewport;
            if let Some(camera) = viewport.camera {
                flags.extend(["--camera".to_owned(), format!("{},{}", camera.yaw, camera.pitch)]);
            }
            if let Some(slab) = viewport.slab {
                flags.extend(["--slab".to_owned(), slab.to_string()]);
            }
            return flags;
        }
        match self.plot.viewport {
            Viewport::Home => {}
            Viewport::All => flags.push("--all".to_owned()),
            Viewport::Free(ViewBox { x, y }) => {
                let bounds = [x, y].concat().iter().map(f64::to_string).collect::<Vec<_>>();
                flags.extend(["--bounds".to_owned(), bounds.join(",")]);
            }
        }
        flags
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./,:=%+@^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are() {
        assert_eq!(quoted("--size"), "--size");
        assert_eq!(quoted("a b.csv"), "'a b.csv'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("$HOME"), "'$HOME'");
        assert_eq!(quoted(""), "''");
    }
}
