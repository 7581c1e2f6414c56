//! The beginning of a file of each kind that is known and not read: it is named for what it is.

use std::io::{Cursor, Write};
use std::path::Path;

use super::{is_known, kinds, told};
use crate::format::Beginning;
use crate::input::Input;

/// A name, the beginning of its file at an offset behind zero bytes, and what it is.
const EXAMPLES: &[(&str, usize, &[u8], &str)] = &[
    ("a.pkl", 0, b"\x80\x04\x95\x10\0\0\0", "a Python pickle"),
    ("a.csv", 0, b"\x80\x02]q\0(K\x01K\x02e.", "a Python pickle"),
    ("a", 0, b"\x80\x05\x95", "a Python pickle"),
    ("a", 0, b"(lp0\nI1\naI2\na.", "a Python pickle"),
    ("a", 0, b"]q\0(K\x01e.", "a Python pickle"),
    ("a", 0, b"cnumpy.core.multiarray\n_reconstruct\n", "a Python pickle"),
    ("a.safetensors", 0, b"\x40\0\0\0\0\0\0\0{\"x\":{\"dtype\":\"F32\"", "a safetensors file"),
    ("a.tfrecord", 0, b"\x10\0\0\0\0\0\0\0abcd", "a TFRecord file"),
    ("a.parquet", 0, b"PARE\0\0", "an encrypted Parquet file"),
    ("a.feather", 0, b"FEA1\0\0", "a Feather file of version 1"),
    ("a.avro", 0, b"Obj\x01\x04", "an Avro file"),
    ("a.orc", 0, b"ORC\x08", "an ORC file"),
    ("a", 0, b"<stata_dta><header><release>118", "a Stata file (.dta)"),
    ("a.dta", 0, b"\x72\x02\x01\0\x05\0", "a Stata file (.dta)"),
    ("a.sav", 0, b"$FL2@(#) SPSS DATA FILE", "an SPSS file (.sav)"),
    (
        "a.sas7bdat",
        12,
        b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c",
        "a SAS file",
    ),
    ("a.xpt", 0, b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS file"),
    ("a.RData", 0, b"RDX3\nX\n\0\0\0\x03", "data of R (.rds, .RData)"),
    ("a.rds", 0, b"X\n\0\0\0\x02\0\x03", "data of R (.rds, .RData)"),
    ("a.rds", 0, b"A\n2\n197123\n", "data of R (.rds, .RData)"),
    ("a.gpkg", 0, b"SQLite format 3\0", "a GeoPackage"),
    ("a.db", 0, b"SQLite format 3\0", "an SQLite database"),
    ("a.duckdb", 8, b"DUCK\x40\0", "a DuckDB database"),
    ("a.mdb", 0, b"\0\x01\0\0Standard Jet DB\0", "an Access database"),
    (
        "a.xls",
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office document (.xls, .doc) or one with a password",
    ),
    ("a.fcs", 0, b"FCS3.1    ", "a flow cytometry file (FCS)"),
    ("a.mat", 0, b"MATLAB 7.3 MAT-file, Platform", "a MATLAB file of version 7.3"),
    ("a.mat", 512, b"\x89HDF\r\n\x1a\n", "a MATLAB file of version 7.3"),
    ("a.mat", 0, b"MATLAB 5.0 MAT-file, Platform", "a MATLAB file"),
    ("a.h5ad", 0, b"\x89HDF\r\n\x1a\n", "an AnnData file (HDF5)"),
    ("a.nc", 0, b"\x89HDF\r\n\x1a\n", "a netCDF file of version 4 (HDF5)"),
    ("a.h5", 0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    ("a.h5", 2048, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    ("a.hdf", 0, b"\x0e\x03\x13\x01", "an HDF4 file"),
    ("a.nc", 0, b"CDF\x01\0\0", "a netCDF file of version 3"),
    ("a.root", 0, b"root\0\0\xf7", "a ROOT file"),
    ("a.grib", 0, b"GRIB\0\0", "a GRIB file"),
    ("a.shp", 0, b"\0\0\x27\x0a\0\0", "a shapefile (.shp)"),
    ("a.dbf", 0, b"\x03\x5f\x07\x1a\0\0", "a shapefile (.shp)"),
    ("a.fgb", 0, b"fgb\x03fgb", "a FlatGeobuf file"),
    ("a.gpx", 0, b"<?xml version='1.0'?>\n<gpx version='1.1'>", "a GPX file"),
    ("a.kml", 0, b"\xef\xbb\xbf<?xml version='1.0'?><kml>", "a KML file"),
    ("a.osm", 0, b"<?xml version='1.0'?><osm version='0.6'>", "OpenStreetMap data"),
    ("a.pbf", 0, b"\0\0\0\x0e\x0a\x09OSMHeader", "OpenStreetMap data"),
    (
        "a.gml",
        0,
        b"<?xml version='1.0'?>\n<ogr:FeatureCollection xmlns:gml='g'>\n<gml:boundedBy>",
        "a GML file",
    ),
    ("a.xml", 0, b"<wfs:FeatureCollection xmlns:gml=\"g\">", "a GML file"),
    ("a.tab", 0, b"!table\n!version 300\n", "a map of MapInfo"),
    ("a.mif", 0, b"Version 300\r\nCharset \"Neutral\"\r\n", "a map of MapInfo"),
    ("a.off", 0, b"OFF\n# by hand\n6 2 0\n0 0 1\n", "a shape in OFF"),
    ("a.txt", 0, b"COFF 6 2 0\n0 0 1\n", "a shape in OFF"),
    ("a.dxf", 0, b"999\r\nby hand\r\n  0\r\nSECTION\r\n", "a drawing in DXF"),
    ("a.dwg", 0, b"AC1032\0\0", "a drawing in DWG"),
    ("a.wrl", 0, b"#VRML V2.0 utf8\n", "a scene (VRML, X3D, COLLADA, FBX, 3DS)"),
    ("a.dae", 0, b"<?xml version='1.0'?><COLLADA>", "a scene (VRML, X3D, COLLADA, FBX, 3DS)"),
    ("a.step", 0, b"ISO-10303-21;\nHEADER;\n", "a model in STEP or IGES"),
    ("a.tex", 0, b"% by hand\n\\begin{tabular}{cc}\nx & y", "a LaTeX document"),
    ("a.dat", 0, b"\\begin{deluxetable}{cc}\n", "a LaTeX document"),
    (
        "a.txt",
        0,
        b"Title: t\n====\nByte-by-byte Description of file: t.dat\n",
        "a table of CDS (machine-readable)",
    ),
    ("a.arff", 0, b"% iris\n@RELATION iris\n", "an ARFF file of Weka"),
    ("a.asdf", 0, b"#ASDF 1.0.0\n", "an ASDF file"),
    ("a.pdb", 0, b"ATOM      1  N   MET A   1      38.198", "molecules in PDB or mmCIF"),
    ("a.cif", 0, b"data_1ABC\n# \n_entry.id 1ABC\n", "molecules in PDB or mmCIF"),
    ("a.lammpstrj", 0, b"ITEM: TIMESTEP\n0\n", "a trajectory of LAMMPS"),
    ("a.por", 40, b"ASCII SPSS PORT FILE", "an SPSS file (.por)"),
    ("a.sav", 0, b"SR\0\x04\0\0", "a save file of IDL"),
    ("a.cdf", 0, b"\xcd\xf3\0\x01\0\0\xff\xff", "a CDF file of NASA"),
    ("a.nrrd", 0, b"NRRD0004\n", "a picture in NRRD or MetaImage"),
    ("a.bag", 0, b"#ROSBAG V2.0\n", "a recording of ROS"),
    ("a.e57", 0, b"ASTM-E57\x01", "an E57 file"),
    (
        "a.ptx",
        0,
        b"2\n1\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n1 2 3 0.5\n",
        "a scan in PTX",
    ),
    ("a.vtk", 0, b"# vtk DataFile Version 3.0", "a VTK file"),
    ("a.vtp", 0, b"<?xml version='1.0'?><VTKFile type='PolyData'>", "a VTK file"),
    ("a.stl", 0, b"solid a\n facet normal 0 0 1\n", "a shape in STL or glTF"),
    ("a.glb", 0, b"glTF\x02\0", "a shape in STL or glTF"),
    ("a.tif", 0, b"II*\0\x08", "a TIFF picture (GeoTIFF)"),
    ("a.tif", 0, b"MM\0+", "a TIFF picture (GeoTIFF)"),
    ("a.dcm", 128, b"DICM\x02", "a DICOM picture"),
    ("a.nii", 344, b"n+1\0", "a NIfTI picture"),
    ("a.png", 0, b"\x89PNG\r\n\x1a\n", "a picture"),
    ("a.jpg", 0, b"\xff\xd8\xff\xe0", "a picture"),
    ("a.svg", 0, b"<svg xmlns='http://www.w3.org/2000/svg'>", "a picture"),
    ("a.czi", 0, b"ZISRAWFILE\0", "a picture of a microscope"),
    ("a.pdf", 0, b"%PDF-1.7", "a PDF"),
    (
        "a.xml",
        0,
        b"<?xml version='1.0'?>\n<?mso-application progid=\"Excel.Sheet\"?>",
        "an XML spreadsheet of Excel 2003",
    ),
    ("a.xls", 0, b"<html><body><table><tr><td>1", "a page (HTML) with a table"),
    ("a.csv", 0, b"<!DOCTYPE html>\n<html><p>Not found", "a page (HTML)"),
    ("a.rtf", 0, b"{\\rtf1\\ansi", "a text document (RTF)"),
    ("a.Z", 0, b"\x1f\x9d\x90", "a file packed by compress"),
    ("a.tar", 257, b"ustar\0", "a tar archive"),
    ("a.7z", 0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    ("a.rar", 0, b"Rar!\x1a\x07", "a RAR archive"),
    ("a.lz4", 0, b"\x04\x22\x4d\x18", "an lz4 file"),
    ("a.pb", 0, b"\x0a\x02\0\x08", "a Protocol Buffers message"),
];

/// What a file is said to be, and what to do; the same as it stands in a message.
fn message(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    let input = Input::open(&path).expect("open");
    let extension = Path::new(name).extension().map(|end| end.to_string_lossy().to_lowercase());
    let file = Beginning { bytes, extension: extension.unwrap_or_default() };
    let told = told(&input, &file);
    assert_eq!(is_known(&file), told.is_some(), "{name}");
    told.map_or("nothing".to_owned(), |(found, remedy)| {
        format!("this looks like {found}: {remedy}")
    })
}

#[test]
fn each_kind_is_named() {
    for (name, at, start, found) in EXAMPLES {
        let bytes = [&vec![0; *at], *start, &[1, 2, 3]].concat();
        let message = message(name, &bytes);
        let words = format!("this looks like {found}: ");
        assert!(message.contains(&words), "{name} {start:?}: no '{words}' in: {message}");
    }
    for kind in kinds() {
        let is_tried = EXAMPLES.iter().any(|(.., found)| *found == kind.found);
        assert!(is_tried, "no example of {}", kind.found);
        assert!(kind.remedy.len() > 10, "{}", kind.found);
    }
}

#[test]
fn archives_are_named_by_what_is_in_them() {
    let cases = [
        ("archive/data.pkl", "a PyTorch file (.pt)"),
        ("word/document.xml", "a Word document (.docx)"),
        ("ppt/presentation.xml", "a PowerPoint file (.pptx)"),
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
        ("doc.kml", "a KMZ file"),
        ("points.SHP", "a zipped shapefile"),
        (".zgroup", "a zipped Zarr store"),
        ("Index/Document.iwa", "a document of Numbers, Pages or Keynote"),
        ("some/points.csv", "a zip archive with files in it"),
        ("readme.md", "a zip archive without a table of points"),
    ];
    for (entry, found) in cases {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(entry, options).expect("a part");
        zip.write_all(b"content").expect("written");
        let bytes = zip.finish().expect("an archive").into_inner();
        let message = message("a.zip", &bytes);
        assert!(message.contains(&format!("this looks like {found}: ")), "{entry}: {message}");
    }
    assert!(message("a.zip", b"PK\x05\x06").contains("an empty zip archive"));
    assert!(message("a.zip", b"PK\x03\x04rest").contains("broken or cut short"));
}

#[test]
fn points_are_no_foreign_files() {
    let texts: &[&[u8]] = &[
        b"x,y\n1,2\n",
        b"# vt\n1 2\n",
        b"2\n1\n0 0 0\n",
        b"root,x\n1,2\n",
        b"solid,x\n1,2\n",
        b"A\n2\n3\n4\n",
        b"X\n1\n2\n",
        b"RD,x\n1,2\n",
        b"(1,2)\n(3,4)\n",
        b"BMI,x\n1,2\n",
        b"ORC1,x\n1,2\n",
        b"OFF,ON\n1,2\n",
        b"OFF\n1\n2\n",
        b"0\n1\n",
        b"data_x\n1\n",
        b"HEADER,x\n1,2\n",
        b"Version 1\nx,y\n1,2\n",
        b"AC10,x\n1,2\n",
        b"\\Table name = 1\n|x|y|\n 1 2\n",
    ];
    for text in texts {
        let words = std::str::from_utf8(text).expect("text");
        for name in ["a.csv", "a.p", "a.mat", "a.dta", "a.bmp", "a.root"] {
            let foreign = message(name, text);
            let is_allowed = foreign == "nothing" || name == "a.bmp" && words.starts_with("BM");
            let is_known = name == "a.root" && words.starts_with("root");
            assert!(is_allowed || is_known, "{name} {words:?}: {foreign}");
        }
    }
}
