namespace Koopman.Formats

open System
open System.Collections.Generic
open System.IO
open Koopman
open PureHDF

/// HDF5, and the formats that are HDF5: NetCDF-4, and MATLAB from version 7.3.
[<RequireQualifiedAccess>]
module internal Hdf5 =

    let private magic: byte[] =
        [| 0x89uy; byte 'H'; byte 'D'; byte 'F'; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

    /// Groups within groups are followed so far; links may lead in a circle.
    let private deepest: int = 8

    /// No file of measurements has more.
    let private most: int = 10_000

    let isOpening (bytes: byte[]) : bool =
        Reading.startsWith 0 magic bytes || Reading.startsWith 512 magic bytes

    let private numeric (data: IH5Dataset) : (unit -> float[]) option =
        let dataType = data.Type

        let floats (convert: 'T -> float) : (unit -> float[]) option =
            Some(fun () -> data.Read<'T[]>() |> Array.map convert)

        match dataType.Class, dataType.Size with
        | H5DataTypeClass.FloatingPoint, 8 -> Some(fun () -> data.Read<float[]>())
        | H5DataTypeClass.FloatingPoint, 4 -> floats float<float32>
        | H5DataTypeClass.FloatingPoint, 2 -> floats float<Half>
        | (H5DataTypeClass.FixedPoint | H5DataTypeClass.Enumerated), size ->
            let isSigned =
                dataType.Class = H5DataTypeClass.Enumerated || dataType.FixedPoint.IsSigned

            match size, isSigned with
            | 1, true -> floats float<sbyte>
            | 1, false -> floats float<byte>
            | 2, true -> floats float<int16>
            | 2, false -> floats float<uint16>
            | 4, true -> floats float<int32>
            | 4, false -> floats float<uint32>
            | 8, true -> floats float<int64>
            | 8, false -> floats float<uint64>
            | _ -> None
        | _ -> None

    let private kindOf (data: IH5Dataset) : string =
        match data.Type.Class with
        | H5DataTypeClass.String
        | H5DataTypeClass.VariableLength -> "text or lists"
        | H5DataTypeClass.Compound -> "a table or complex numbers"
        | H5DataTypeClass.Reference -> "references"
        | other -> (string other).ToLowerInvariant()

    /// One number of an attribute.
    let private attribute (name: string) (data: IH5Dataset) : float option =
        if not (data.AttributeExists name) then
            None
        else
            let attribute = data.Attribute name

            let first (values: 'T[]) (convert: 'T -> float) =
                values |> Array.tryHead |> Option.map convert

            match attribute.Type.Class, attribute.Type.Size with
            | H5DataTypeClass.FloatingPoint, 8 -> first (attribute.Read<float[]>()) id
            | H5DataTypeClass.FloatingPoint, 4 -> first (attribute.Read<float32[]>()) float
            | H5DataTypeClass.FixedPoint, size ->
                match size, attribute.Type.FixedPoint.IsSigned with
                | 1, true -> first (attribute.Read<sbyte[]>()) float
                | 1, false -> first (attribute.Read<byte[]>()) float
                | 2, true -> first (attribute.Read<int16[]>()) float
                | 2, false -> first (attribute.Read<uint16[]>()) float
                | 4, true -> first (attribute.Read<int32[]>()) float
                | 4, false -> first (attribute.Read<uint32[]>()) float
                | 8, true -> first (attribute.Read<int64[]>()) float
                | _ -> first (attribute.Read<uint64[]>()) float
            | _ -> None

    /// The conventions of NetCDF: missing values, and packed numbers.
    let private unpack (data: IH5Dataset) (values: float[]) : float[] =
        let missing =
            [ "_FillValue"; "missing_value" ]
            |> List.choose (fun name -> attribute name data)

        let scale = attribute "scale_factor" data |> Option.defaultValue 1.0
        let offset = attribute "add_offset" data |> Option.defaultValue 0.0

        if missing.IsEmpty && scale = 1.0 && offset = 0.0 then
            values
        else
            values
            |> Array.map (fun value ->
                if List.contains value missing then
                    nan
                else
                    scale * value + offset)

    let private isDimensionOnly (data: IH5Dataset) : bool =
        data.AttributeExists "NAME"
        && data.AttributeExists "CLASS"
        && (try
                data
                    .Attribute("NAME")
                    .Read<string>()
                    .StartsWith("This is a netCDF dimension but not", StringComparison.Ordinal)
            with _ ->
                false)

    /// The links of a file by name, as the messages of its groups say: to a path for a symbolic one.
    let private links (bytes: byte[]) : (string * string option) list =
        let number (at: int) (width: int) : int64 =
            Seq.init width (fun i -> int64 bytes[at + i] <<< (8 * i)) |> Seq.sum

        let text (at: int) (length: int64) : string option =
            if length < 0L || length > 1024L || int64 at + length > int64 bytes.Length then
                None
            else
                Some(Text.Encoding.UTF8.GetString(bytes, at, int length))

        [
            // A message of kind 6 with its size, in a header with or without the order of its messages; then version 1 of a link.
            for at in 0 .. bytes.Length - 24 do
                if bytes[at] = 6uy then
                    let size = number (at + 1) 2

                    for body in [ at + 4; at + 6 ] do
                        if bytes[body] = 1uy then
                            let flags = int bytes[body + 1]
                            let kind = if flags &&& 8 <> 0 then bytes[body + 2] else 0uy

                            let name =
                                body + 2 + (flags >>> 3 &&& 1) + 8 * (flags >>> 2 &&& 1) + (flags >>> 4 &&& 1)

                            let width = 1 <<< (flags &&& 3)

                            if name + width + 2 <= bytes.Length then
                                let length = number name width

                                match text (name + width) length with
                                | Some found when kind = 0uy && length > 0L && length < size -> found, None
                                | Some found when kind = 1uy ->
                                    let value = name + width + int length

                                    if value + 2 <= bytes.Length && int64 (value + 2 - body) <= size then
                                        match text (value + 2) (number value 2) with
                                        | Some target -> found, Some target
                                        | None -> ()
                                | _ -> ()
        ]

    /// PureHDF follows a symbolic link that leads back to itself until the stack overflows, which nothing can catch.
    let private circle (bytes: byte[]) : string option =
        let found = links bytes
        let hard = found |> List.filter (snd >> Option.isNone) |> List.map fst |> Set.ofList

        let soft =
            found
            |> List.choose (fun (name, target) ->
                target
                |> Option.map (fun target -> name, target.Split('/', StringSplitOptions.RemoveEmptyEntries)))
            |> Map.ofList

        let rec leadsBack (seen: Set<string>) (name: string) : bool =
            match Map.tryFind name soft with
            | _ when seen.Contains name -> true
            | None -> false
            | Some [||] -> true
            | Some parts -> leadsBack (seen.Add name) (Array.last parts)

        soft
        |> Map.keys
        |> Seq.tryFind (fun name -> not (hard.Contains name) && leadsBack Set.empty name)

    /// Only the parts of a file where its groups are described, and not the numbers, decide; larger files are searched at both ends.
    let private searched = 1 <<< 24

    let private checkLinks (path: string) (file: FileStream) : Outcome<unit> =
        let part (from: int64) (count: int) : byte[] =
            file.Position <- from
            let bytes = Array.zeroCreate count
            file.ReadExactly(bytes.AsSpan())
            bytes

        let ends =
            if file.Length <= int64 searched then
                [ part 0L (int file.Length) ]
            else
                [
                    part 0L (searched / 2)
                    part (file.Length - int64 (searched / 2)) (searched / 2)
                ]

        file.Position <- 0L

        match List.tryPick circle ends with
        | None -> Ok()
        | Some name -> Reading.damaged path $"its symbolic link '{name}' leads back to itself"

    let private parseChecked (path: string) (file: FileStream) : Outcome<FileContent> =
        let opening = Array.zeroCreate<byte> 512
        let found = file.ReadAtLeast(opening.AsSpan(), 512, false)
        file.Position <- 0L

        let isMatlab = found = 512 && Reading.startsWith 0 "MATLAB 7.3"B opening

        use root = H5File.Open(file, true)
        let arrays = Dictionary<string, NumericArray>()
        let left = ResizeArray<string * string>()
        let mutable visited = 0
        let mutable stored = 0L

        let readOne (name: string) (data: IH5Dataset) : Outcome<unit> =
            match numeric data with
            | None ->
                left.Add(name, kindOf data)
                Ok()
            | Some _ when isMatlab && data.AttributeExists "MATLAB_empty" ->
                left.Add(name, "empty")
                Ok()
            | Some _ when isDimensionOnly data -> Ok()
            | Some read ->
                result {
                    let extents =
                        data.Space.Dimensions
                        |> Array.map (fun extent -> int64 (min extent (uint64 Int64.MaxValue)))

                    let! count = Reading.bounded path file.Length extents
                    stored <- stored + 8L * count

                    if Files.isBomb file.Length stored then
                        do! Files.bomb path file.Length stored

                    if count = 0L then
                        left.Add(name, "empty")
                    else
                        let shape = extents |> Array.map int
                        let values = read ()

                        if int64 values.Length <> count then
                            do! Reading.damaged path $"'{name}' holds {values.Length} numbers instead of {count}"

                        let values = unpack data values

                        arrays[name] <-
                            if isMatlab then
                                // The axes lie in the opposite order.
                                let shape = Array.rev shape
                                Reading.squeeze shape (NumericArray.toRowMajor shape values)
                            else
                                { Shape = shape; Values = values }
                }

        let rec visit (depth: int) (prefix: string) (group: IH5Group) : Outcome<unit> =
            (Ok(), group.Children())
            ||> Seq.fold (fun soFar child ->
                soFar
                |> Result.bind (fun () ->
                    visited <- visited + 1
                    let name = prefix + child.Name

                    if visited > most then
                        Reading.fail
                            path
                            $"it holds more than {most} objects"
                            "Write the arrays to a file of their own"
                    else
                        match child with
                        | _ when child.Name.StartsWith '#' -> Ok()
                        | :? IH5Dataset as data -> readOne name data
                        | :? IH5Group as inner when depth < deepest -> visit (depth + 1) (name + "/") inner
                        | _ -> Ok()))

        visit 0 "" root
        |> Result.bind (fun () ->
            let left = List.ofSeq left

            if arrays.Count = 0 then
                Reading.fail
                    path
                    ("it holds no arrays of numbers"
                     + String.Join("", Reading.remarks left |> List.map (fun remark -> "; " + remark)))
                    "Store numbers, under names such as x and lag"
            else
                Ok(
                    Arrays(
                        arrays |> Seq.map (fun pair -> pair.Key, pair.Value) |> Map.ofSeq,
                        [
                            if isMatlab then
                                "axes in MATLAB's order"
                            yield! Reading.remarks left
                        ]
                    )
                ))

    let private parse (path: string) (file: FileStream) : Outcome<FileContent> =
        checkLinks path file |> Result.bind (fun () -> parseChecked path file)

    let read (name: string) (path: string) : Outcome<FileContent> = Files.readBy name path (parse path)
