//! Layers of a LAZ file that nobody wants: waveforms, and bytes that the point format knows nothing of.

use std::io::{self, Read, Seek, SeekFrom};

use ::laz::DecompressionSelection;
use ::laz::record::LayeredFieldDecompressor;

/// So many bytes of each point, in so many layers, none of which is unpacked: they keep the value of the
/// first point.
pub(super) struct Skipped {
    size: usize,
    layers: u64,
    /// Bytes of all layers.
    packed: u64,
}

impl Skipped {
    pub(super) fn new(size: u16, layers: u64) -> Self {
        Self { size: size.into(), layers, packed: 0 }
    }
}

impl<R: Read + Seek> LayeredFieldDecompressor<R> for Skipped {
    fn size_of_field(&self) -> usize {
        self.size
    }

    fn set_selection(&mut self, _selection: DecompressionSelection) {}

    fn init_first_point(
        &mut self,
        source: &mut R,
        first_point: &mut [u8],
        _channel: &mut usize,
    ) -> io::Result<()> {
        source.read_exact(first_point)
    }

    fn decompress_field_with(&mut self, _point: &mut [u8], _channel: &mut usize) -> io::Result<()> {
        Ok(())
    }

    fn read_layers_sizes(&mut self, source: &mut R) -> io::Result<()> {
        self.packed = 0;
        for _ in 0..self.layers {
            let mut size = [0; 4];
            source.read_exact(&mut size)?;
            self.packed += u64::from(u32::from_le_bytes(size));
        }
        Ok(())
    }

    fn read_layers(&mut self, source: &mut R) -> io::Result<()> {
        source.seek(SeekFrom::Current(self.packed as i64)).map(|_| ())
    }
}
