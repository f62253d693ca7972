namespace Koopman.Formats

open Koopman

/// <summary>
/// The file formats of this package, to be given to readers: <c>{ Dataset.defaults with Formats = FileFormats.all }</c>, in C#
/// <c>new ReadSettings { Formats = FileFormats.All }</c>. A file is taken for what its first bytes say that it is.
/// </summary>
/// <remarks>
/// Arrays have the names of those in <c>.npz</c> archives: x, y, lag, times, u, w. If none is named x, the only array that can hold states does; vectors
/// of one length are the columns of a table. Numbers become float64; missing values of NetCDF, Parquet and Arrow become NaN. What cannot be read, such as
/// text, is left out with a remark.
/// </remarks>
[<RequireQualifiedAccess>]
module FileFormats =

    let private isMatlab (bytes: byte[]) : bool =
        Reading.startsWith 0 "MATLAB 7.3"B bytes && Hdf5.isOpening bytes

    /// <summary>MATLAB's <c>.mat</c> up to version 7 (level 5) and from 7.3 (HDF5): real numeric arrays, those of scalar structures by <c>name.field</c>. Row and column vectors are series.</summary>
    [<CompiledName("Matlab")>]
    let matlab: FileFormat =
        FileFormat(
            "MATLAB",
            [ ".mat" ],
            (fun bytes -> MatFile.isOpening bytes || isMatlab bytes),
            fun path ->
                Files.opening FileFormat.openingLength path
                |> Result.bind (fun bytes ->
                    if MatFile.isOpening bytes then
                        MatFile.read path
                    else
                        Hdf5.read "MATLAB's format" path)
        )

    /// <summary>HDF5: arrays of numbers by their paths, such as <c>group/x</c>.</summary>
    [<CompiledName("Hdf5")>]
    let hdf5: FileFormat =
        FileFormat("HDF5", [ ".h5"; ".hdf5"; ".hdf"; ".he5" ], Hdf5.isOpening, Hdf5.read "HDF5")

    /// <summary>NetCDF-4: variables with their fill values, scale factors and offsets.</summary>
    [<CompiledName("NetCdf")>]
    let netCdf: FileFormat =
        FileFormat("NetCDF-4", [ ".nc"; ".nc4"; ".cdf" ], Hdf5.isOpening, Hdf5.read "NetCDF-4")

    /// <summary>Parquet: the columns of a table.</summary>
    [<CompiledName("Parquet")>]
    let parquet: FileFormat =
        FileFormat("Parquet", [ ".parquet"; ".pq" ], ParquetFile.isOpening, ParquetFile.read)

    /// <summary>Arrow's files, which are those of Feather version 2, and streams: the columns of a table, also compressed.</summary>
    [<CompiledName("Arrow")>]
    let arrow: FileFormat =
        FileFormat("Arrow", [ ".feather"; ".arrow"; ".arrows" ], ArrowFile.isOpening, ArrowFile.read)

    /// <summary>All of them.</summary>
    [<CompiledName("All")>]
    let all: FileFormat[] = [| matlab; hdf5; netCdf; parquet; arrow |]
