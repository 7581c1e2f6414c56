//! The kinds of files that are known and not read, each with the way out of the program that writes it.

use super::super::format::Beginning;
use super::Kind;
use super::Sign::{At, AtIn, BinaryCalled, Markup, Text, Told};

const HDF: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The kinds; the first that fits counts.
pub(super) const KINDS: &[Kind] = &[
    // Python.
    Kind {
        found: "a Python pickle",
        remedy: "write a table instead: pandas.read_pickle('FILE').to_parquet('points.parquet'), or \
                 numpy.save('points.npy', array)",
        signs: &[Told(is_pickle)],
    },
    Kind {
        found: "a safetensors file",
        remedy: "numpy.save('points.npy', safetensors.numpy.load_file('FILE')['NAME'])",
        signs: &[Told(|file| {
            let length = file.bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
            length.is_some_and(|length| (2..100 << 20).contains(&length))
                && file.bytes[8..].starts_with(b"{\"")
        })],
    },
    Kind {
        found: "a TFRecord file",
        remedy: "read the records with tf.data.TFRecordDataset('FILE') and write them with numpy.save",
        signs: &[BinaryCalled(&["tfrecord", "tfrecords", "tfrec"])],
    },
    // Tables of other programs.
    Kind {
        found: "an encrypted Parquet file",
        remedy: "write it without encryption: pyarrow.parquet.write_table(table, 'points.parquet')",
        signs: &[At(0, b"PARE")],
    },
    Kind {
        found: "a Feather file of version 1",
        remedy: "write it as version 2: pandas.read_feather('FILE').to_feather('points.feather')",
        signs: &[At(0, b"FEA1")],
    },
    Kind {
        found: "an Avro file",
        remedy: "convert it: polars.read_avro('FILE').write_parquet('points.parquet')",
        signs: &[At(0, b"Obj\x01")],
    },
    Kind {
        found: "an ORC file",
        remedy: "convert it: pandas.read_orc('FILE').to_parquet('points.parquet')",
        signs: &[At(0, b"ORC\x08"), At(0, b"ORC\x0a"), At(0, b"ORC\x11"), BinaryCalled(&["orc"])],
    },
    Kind {
        found: "a Stata file (.dta)",
        remedy: "in Stata: export delimited points.csv; in Python: \
                 pandas.read_stata('FILE').to_parquet('points.parquet')",
        signs: &[
            Text("<stata_dta>"),
            AtIn(0, b"\x71\x01\x01", &["dta"]),
            AtIn(0, b"\x71\x02\x01", &["dta"]),
            BinaryCalled(&["dta"]),
        ],
    },
    Kind {
        found: "an SPSS file (.sav)",
        remedy: "in SPSS: File → Save as → CSV; in Python: \
                 pandas.read_spss('FILE').to_parquet('points.parquet')",
        signs: &[At(0, b"$FL2"), At(0, b"$FL3")],
    },
    Kind {
        found: "a SAS file",
        remedy: "in SAS: proc export data=NAME outfile='points.csv' dbms=csv; in Python: \
                 pandas.read_sas('FILE').to_parquet('points.parquet')",
        signs: &[
            At(12, b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c"),
            At(0, b"HEADER RECORD*******LIB"),
        ],
    },
    Kind {
        found: "data of R (.rds, .RData)",
        remedy: "in R: write.csv(readRDS('FILE'), 'points.csv', row.names = FALSE), or load('FILE') and \
                 write.csv the object",
        signs: &[
            At(0, b"RDX2\n"),
            At(0, b"RDX3\n"),
            At(0, b"RDA2\n"),
            At(0, b"RDA3\n"),
            At(0, b"RDB2\n"),
            At(0, b"RDB3\n"),
            At(0, b"X\n\0\0\0"),
            Told(|file| {
                let rest =
                    file.bytes.strip_prefix(b"A\n2\n").or(file.bytes.strip_prefix(b"A\n3\n"));
                rest.is_some_and(|rest| {
                    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    (5..=7).contains(&digits) && rest.get(digits) == Some(&b'\n')
                })
            }),
        ],
    },
    Kind {
        found: "a GeoPackage",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
        signs: &[At(68, b"GPKG"), At(68, b"GP10"), AtIn(0, b"SQLite format 3\0", &["gpkg"])],
    },
    Kind {
        found: "an SQLite database",
        remedy: "write the table as CSV: sqlite3 -header -csv FILE 'select * from NAME' > points.csv",
        signs: &[At(0, b"SQLite format 3\0")],
    },
    Kind {
        found: "a DuckDB database",
        remedy: "write the table: duckdb FILE -c \"copy NAME to 'points.parquet'\"",
        signs: &[At(8, b"DUCK")],
    },
    Kind {
        found: "an Access database",
        remedy: "write the table as CSV: mdb-export FILE NAME > points.csv",
        signs: &[At(0, b"\0\x01\0\0Standard Jet DB"), At(0, b"\0\x01\0\0Standard ACE DB")],
    },
    Kind {
        found: "an old Office document (.xls, .doc) or one with a password",
        remedy: "open it, save it without a password as .xlsx or export the points as CSV",
        signs: &[At(0, b"\xd0\xcf\x11\xe0")],
    },
    Kind {
        found: "a flow cytometry file (FCS)",
        remedy: "in R: write.csv(flowCore::exprs(flowCore::read.FCS('FILE')), 'points.csv')",
        signs: &[At(0, b"FCS2.0"), At(0, b"FCS3.")],
    },
    // Arrays of other programs.
    Kind {
        found: "a MATLAB file of version 7.3",
        remedy: "in MATLAB: writematrix(points, 'points.csv'); in Python: \
                 numpy.save('points.npy', h5py.File('FILE')['points'][:].T)",
        signs: &[At(0, b"MATLAB 7.3 MAT-file"), AtIn(0, HDF, &["mat"]), AtIn(512, HDF, &["mat"])],
    },
    Kind {
        found: "a MATLAB file",
        remedy: "in MATLAB: writematrix(points, 'points.csv'); in Python: \
                 numpy.save('points.npy', scipy.io.loadmat('FILE')['points'])",
        signs: &[At(0, b"MATLAB 5.0 MAT-file"), BinaryCalled(&["mat"])],
    },
    Kind {
        found: "an AnnData file (HDF5)",
        remedy: "write the embedding: numpy.save('points.npy', anndata.read_h5ad('FILE').obsm['X_umap'])",
        signs: &[AtIn(0, HDF, &["h5ad"])],
    },
    Kind {
        found: "a netCDF file of version 4 (HDF5)",
        remedy: "write a table: xarray.open_dataset('FILE').to_dataframe().to_csv('points.csv')",
        signs: &[AtIn(0, HDF, &["nc", "nc4", "cdf", "netcdf"])],
    },
    Kind {
        found: "an HDF5 file",
        remedy: "write the data set: numpy.save('points.npy', h5py.File('FILE')['NAME'][:]), or \
                 pandas.read_hdf('FILE').to_parquet('points.parquet')",
        signs: &[At(0, HDF), At(512, HDF), At(1024, HDF), At(2048, HDF), At(0, b"\x89HDF")],
    },
    Kind {
        found: "an HDF4 file",
        remedy: "convert it: gdal_translate -of XYZ FILE points.xyz",
        signs: &[At(0, b"\x0e\x03\x13\x01")],
    },
    Kind {
        found: "a netCDF file of version 3",
        remedy: "write a table: xarray.open_dataset('FILE').to_dataframe().to_csv('points.csv')",
        signs: &[At(0, b"CDF\x01"), At(0, b"CDF\x02"), At(0, b"CDF\x05")],
    },
    Kind {
        found: "a ROOT file",
        remedy: "uproot.open('FILE:TREE').arrays(['x', 'y'], library='pd').to_parquet('points.parquet')",
        signs: &[At(0, b"root\0"), AtIn(0, b"root", &["root"])],
    },
    Kind {
        found: "a GRIB file",
        remedy: "write a table: xarray.open_dataset('FILE', engine='cfgrib').to_dataframe()\
                 .to_csv('points.csv')",
        signs: &[At(0, b"GRIB")],
    },
    // Maps.
    Kind {
        found: "a shapefile (.shp)",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
        signs: &[At(0, b"\0\0\x27\x0a"), BinaryCalled(&["shp", "shx", "dbf"])],
    },
    Kind {
        found: "a FlatGeobuf file",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
        signs: &[At(0, b"fgb\x03")],
    },
    Kind {
        found: "a GPX file",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE track_points -lco GEOMETRY=AS_XY",
        signs: &[Markup("gpx")],
    },
    Kind {
        found: "a KML file",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
        signs: &[Markup("kml")],
    },
    Kind {
        found: "OpenStreetMap data",
        remedy: "convert it: ogr2ogr -f CSV points.csv FILE points -lco GEOMETRY=AS_XY",
        signs: &[Markup("osm "), BinaryCalled(&["pbf"]), At(4, b"\x0a\x09OSMHeader")],
    },
    // Scans and shapes.
    Kind {
        found: "an E57 file",
        remedy: "convert it with CloudCompare: CloudCompare -SILENT -O FILE -C_EXPORT_FMT LAS -SAVE_CLOUDS",
        signs: &[At(0, b"ASTM-E57")],
    },
    Kind {
        found: "a scan in PTX",
        remedy: "convert it with CloudCompare: CloudCompare -SILENT -O FILE -C_EXPORT_FMT LAS -SAVE_CLOUDS",
        signs: &[Told(is_ptx)],
    },
    Kind {
        found: "a VTK file",
        remedy: "write the points: numpy.save('points.npy', pyvista.read('FILE').points)",
        signs: &[Text("# vtk DataFile"), Markup("vtkfile")],
    },
    Kind {
        found: "a shape in STL or glTF",
        remedy: "write the points: numpy.save('points.npy', trimesh.load('FILE').vertices)",
        signs: &[At(0, b"glTF"), BinaryCalled(&["stl"]), Told(is_stl)],
    },
    // Pictures and documents.
    Kind {
        found: "a TIFF picture (GeoTIFF)",
        remedy: "write its cells as points: gdal_translate -of XYZ FILE points.xyz",
        signs: &[At(0, b"II*\0"), At(0, b"MM\0*"), At(0, b"II+\0"), At(0, b"MM\0+")],
    },
    Kind {
        found: "a DICOM picture",
        remedy: "write the places of its cells: \
                 numpy.save('points.npy', numpy.argwhere(pydicom.dcmread('FILE').pixel_array > 0))",
        signs: &[At(128, b"DICM")],
    },
    Kind {
        found: "a NIfTI picture",
        remedy: "write the places of its cells: \
                 numpy.save('points.npy', numpy.argwhere(nibabel.load('FILE').get_fdata() > 0))",
        signs: &[
            At(344, b"n+1\0"),
            At(344, b"ni1\0"),
            At(4, b"n+2\0\r\n\x1a\n"),
            At(4, b"ni2\0\r\n\x1a\n"),
        ],
    },
    Kind {
        found: "a picture",
        remedy: "name a file of points; the places of bright pixels are \
                 numpy.argwhere(imageio.imread('FILE') > 128)",
        signs: &[
            At(0, b"\x89PNG"),
            At(0, b"\xff\xd8\xff"),
            At(0, b"GIF8"),
            At(8, b"WEBP"),
            AtIn(0, b"BM", &["bmp"]),
            Markup("svg"),
        ],
    },
    Kind {
        found: "a picture of a microscope",
        remedy: "find the points in it first (in Fiji: Analyze → Find Maxima) and save them as CSV",
        signs: &[At(0, b"ZISRAWFILE"), BinaryCalled(&["nd2", "lif", "oib", "oir"])],
    },
    Kind {
        found: "a PDF",
        remedy: "take the table out of it: tabula.convert_into('FILE', 'points.csv')",
        signs: &[At(0, b"%PDF")],
    },
    Kind {
        found: "an XML spreadsheet of Excel 2003",
        remedy: "open it in a spreadsheet and save it as .xlsx or CSV",
        signs: &[Markup("?mso-application progid=\"excel.sheet\"")],
    },
    Kind {
        found: "a page (HTML) with a table",
        remedy: "take the table out of it: pandas.read_html('FILE')[0].to_csv('points.csv', index=False)",
        signs: &[Markup("table")],
    },
    Kind {
        found: "a page (HTML)",
        remedy: "it may be a message in place of a download: open it in a browser, then download the file",
        signs: &[Markup("html"), Markup("!doctype html")],
    },
    Kind {
        found: "a text document (RTF)",
        remedy: "save it as plain text or CSV",
        signs: &[At(0, b"{\\rtf")],
    },
    // Archives.
    Kind {
        found: "a file packed by compress",
        remedy: "unpack it first, with gzip -d",
        signs: &[At(0, b"\x1f\x9d")],
    },
    Kind {
        found: "a tar archive",
        remedy: "unpack it and name the file of points: tar -xf FILE",
        signs: &[At(257, b"ustar")],
    },
    Kind {
        found: "a 7z archive",
        remedy: "unpack it and name the file of points: 7z x FILE",
        signs: &[At(0, b"7z\xbc\xaf\x27\x1c")],
    },
    Kind {
        found: "a RAR archive",
        remedy: "unpack it and name the file of points: unrar x FILE",
        signs: &[At(0, b"Rar!\x1a\x07")],
    },
    Kind {
        found: "an lz4 file",
        remedy: "unpack it first: lz4 -d FILE",
        signs: &[At(0, b"\x04\x22\x4d\x18")],
    },
    Kind {
        found: "a Protocol Buffers message",
        remedy: "read it with the program that wrote it and write the points as CSV",
        signs: &[BinaryCalled(&["pb", "proto", "protobuf"])],
    },
];

/// Whether a file is a pickle: of protocol 2 to 5 by its first two bytes, of 0 or 1 by what such begin with.
fn is_pickle(file: &Beginning<'_>) -> bool {
    /// Beginnings of protocols 0 and 1: lists, dictionaries, tuples, and objects of these modules.
    const STARTS: [&[u8]; 12] = [
        b"(lp0\n",
        b"(dp0\n",
        b"(lp1\n",
        b"(dp1\n",
        b"]q\0",
        b"}q\0",
        b"(cnumpy",
        b"cnumpy",
        b"cpandas",
        b"ccopy_reg\n",
        b"c__builtin__\n",
        b"ccopyreg\n",
    ];
    let is_later = matches!(file.bytes, [0x80, 2..=5, ..]);
    let is_named = ["pkl", "pickle", "p"].contains(&file.extension.as_str());
    is_later
        || STARTS.iter().any(|start| file.bytes.starts_with(start))
        || is_named && file.bytes.contains(&0)
}

/// Whether a file is a scan in PTX: two counts, four rows of three numbers, four of four.
fn is_ptx(file: &Beginning<'_>) -> bool {
    const WIDTHS: [usize; 10] = [1, 1, 3, 3, 3, 3, 4, 4, 4, 4];
    let Ok(text) = std::str::from_utf8(&file.bytes[..file.bytes.len().min(1024)]) else {
        return false;
    };
    let mut lines = text.lines();
    WIDTHS.iter().all(|width| {
        let Some(line) = lines.next() else { return false };
        let mut numbers = line.split_whitespace().map(|word| word.parse::<f64>().is_ok());
        line.split_whitespace().count() == *width && numbers.all(|is_number| is_number)
    })
}

/// Whether a file is a shape in STL, as text.
fn is_stl(file: &Beginning<'_>) -> bool {
    let text = file.text();
    text.starts_with(b"solid") && memchr::memmem::find(text, b"facet normal").is_some()
}
