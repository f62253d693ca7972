namespace Koopman

open System
open System.IO
open System.Runtime
open System.Runtime.InteropServices
open System.Runtime.Intrinsics.X86
open System.Runtime.Loader
open System.Security.Cryptography

/// <summary>
/// Adapts TorchSharp's own native library (0.107) to a C++ run-time library older than GCC 13's, as on Debian 12, Ubuntu 22.04 and RHEL 9. The
/// library requires one symbol of version GLIBCXX_3.4.32, <c>std::ios_base_library_init</c>, an empty function that exists to require this version.
/// A copy of the file imports a harmless function of libc instead. Nothing else changes, and no offsets move.
/// </summary>
[<RequireQualifiedAccess>]
module internal OldRuntime =

    let private newer: string = "GLIBCXX_3.4.32"
    let private older: string = "GLIBCXX_3.4.30"
    let private symbol: string = "_ZSt21ios_base_library_initv"

    // Types of sections in an ELF file.
    let private dynamicSymbols: uint32 = 11u
    let private symbolVersions: uint32 = 0x6fffffffu
    let private neededVersions: uint32 = 0x6ffffffeu

    /// A version that the library needs: the offset of its record, its hash, the index by which symbols refer to it, the offset of its name.
    [<Struct>]
    type private Needed =
        {
            Record: int
            Hash: uint32
            Index: uint16
            Name: uint32
        }

    /// <summary>The file without this requirement, or the reason why not: one of three places differs from TorchSharp 0.107.</summary>
    /// <param name="library">The bytes of libLibTorchSharp.so (x86-64).</param>
    let patch (library: byte[]) : Result<byte[], string> =
        let u16 (at: int) = BitConverter.ToUInt16(library, at)
        let u32 (at: int) = BitConverter.ToUInt32(library, at)

        let u64 (at: int) =
            int (BitConverter.ToUInt64(library, at))

        try
            let sections, size, count = u64 0x28, int (u16 0x3a), int (u16 0x3c)

            // The offset and size of a section, the section it refers to, and its number of entries.
            let section (kind: uint32) =
                seq { for i in 0 .. count - 1 -> sections + i * size }
                |> Seq.tryFind (fun at -> u32 (at + 4) = kind)
                |> Option.map (fun at ->
                    struct (u64 (at + 24), u64 (at + 32), int (u32 (at + 40)), int (u32 (at + 44))))

            match section dynamicSymbols, section symbolVersions, section neededVersions with
            | Some(struct (symbols, length, names, _)),
              Some(struct (versions, _, _, _)),
              Some(struct (needed, _, _, files)) ->
                let names = u64 (sections + names * size + 24)

                let name (offset: uint32) =
                    let start = names + int offset
                    Text.Encoding.ASCII.GetString(library, start, Array.IndexOf(library, 0uy, start) - start)

                let rec records (at: int) (left: int) =
                    [
                        if left > 0 then
                            let mutable record = at + int (u32 (at + 8))

                            for _ in 1 .. int (u16 (at + 2)) do
                                yield
                                    (name (u32 (at + 4)), name (u32 (record + 8))),
                                    {
                                        Record = record
                                        Hash = u32 record
                                        Index = u16 (record + 6)
                                        Name = u32 (record + 8)
                                    }

                                record <- record + int (u32 (record + 12))

                            yield! records (at + int (u32 (at + 12))) (left - 1)
                    ]

                let found = records needed files |> dict

                let version file name =
                    match found.TryGetValue((file, name)) with
                    | true, needed -> Ok needed
                    | _ -> Error $"it does not need {name} of {file}"

                match
                    version "libstdc++.so.6" newer, version "libstdc++.so.6" older, version "libc.so.6" "GLIBC_2.2.5"
                with
                | Ok bad, Ok good, Ok libc ->
                    let users =
                        [
                            for i in 0 .. length / 24 - 1 do
                                if u16 (versions + 2 * i) &&& 0x7fffus = bad.Index then
                                    i
                        ]

                    match users with
                    | [ user ] when name (u32 (symbols + 24 * user)) = symbol ->
                        let patched = Array.copy library

                        let put (at: int) (bytes: byte[]) =
                            Array.blit bytes 0 patched at bytes.Length

                        put bad.Record (BitConverter.GetBytes good.Hash)
                        put (bad.Record + 8) (BitConverter.GetBytes good.Name)
                        put (names + int (u32 (symbols + 24 * user))) "getpid\000"B
                        put (versions + 2 * user) (BitConverter.GetBytes libc.Index)
                        Ok patched
                    | users ->
                        let listed = users |> List.map (fun i -> name (u32 (symbols + 24 * i)))
                        Error $"""it needs {newer} for other symbols: {String.Join(", ", listed)}"""
                | Error why, _, _
                | _, Error why, _
                | _, _, Error why -> Error why
            | _ -> Error "it has no table of symbol versions"
        with
        | :? ArgumentException
        | :? IndexOutOfRangeException
        | :? OverflowException -> Error "it is not a complete ELF library"

    /// <summary>True if the dynamic linker's message reports this requirement.</summary>
    let isCause (message: string) : bool = message.Contains newer

/// <summary>Loads libtorch with reproducible arithmetic, also on older Linux systems.</summary>
[<RequireQualifiedAccess>]
module internal Natives =

    let private fail (cause: string) (remedy: string) : 'T =
        raise (KoopmanException(KoopmanError.create ErrorKind.MissingLibrary cause remedy))

    [<DllImport("libc", EntryPoint = "setenv")>]
    extern int private setenv(string name, string value, int overwrite)

    /// Sets an environment variable for native code by a native call, since .NET keeps its own copy of the environment on Unix. A value set by the
    /// user is kept.
    let private setFor (name: string) (value: string) : unit =
        if isNull (Environment.GetEnvironmentVariable name) then
            Environment.SetEnvironmentVariable(name, value)

            if not (OperatingSystem.IsWindows()) then
                setenv (name, value, 0) |> ignore

    /// Matrix products in MKL differ from run to run in the last bits unless this is set before libtorch is loaded.
    let private reproducibleProducts () : unit =
        setFor "MKL_CBWR" (if Avx2.IsSupported then "AVX2" else "COMPATIBLE")

    /// True if the processor does not report its cache sizes, as on some virtual machines: the list of caches ends with its first entry.
    let hidesCaches () : bool =
        let first (leaf: int) =
            let struct (kind, _, _, _) = X86Base.CpuId(leaf, 0)
            kind &&& 0x1f

        if not X86Base.IsSupported then
            false
        else
            let struct (_, b, c, d) = X86Base.CpuId(0, 0)
            // "AuthenticAMD" and Hygon processors list them elsewhere.
            let isAmd =
                (b, d, c) = (0x68747541, 0x69746e65, 0x444d4163)
                || (b, d, c) = (0x6f677948, 0x6e65476e, 0x656e6975)

            first (if isAmd then 0x8000001d else 4) = 0

    /// If the cache sizes are hidden, oneDNN uses an AVX2 kernel for gradients of convolutions that sometimes returns NaN; the AVX kernels are
    /// correct.
    let private soundConvolutions () : unit =
        if hidesCaches () then
            setFor "ONEDNN_MAX_CPU_ISA" "AVX"

    /// A scalar in an operation (2.0 * x, and the 1 of a + b) is an object that TorchSharp does not keep alive while native code reads it. A
    /// background collection, concurrent with the computing thread, may free it at that moment; one that stops the threads where they allocate
    /// cannot. A mode set by the user is kept.
    let private keepNumbers () : unit =
        if GCSettings.LatencyMode = GCLatencyMode.Interactive then
            GCSettings.LatencyMode <- GCLatencyMode.Batch

    let private torchSharp = lazy typeof<TorchSharp.torch.Tensor>.Assembly

    let private byName (name: string) : bool =
        let mutable handle = 0n
        NativeLibrary.TryLoad(name, torchSharp.Value, Nullable(), &handle)

    let private byPath (path: string) : bool =
        let mutable handle = 0n
        NativeLibrary.TryLoad(path, &handle)

    let private native: string = Path.Combine("runtimes", "linux-x64", "native")

    /// The folder of TorchSharp.dll; none in a single-file application.
    let private beside () : string list =
        match Path.GetDirectoryName torchSharp.Value.Location with
        | null
        | "" -> []
        | folder -> [ folder ]

    let private listed (paths: obj | null) : string list =
        match paths with
        | :? string as paths -> paths.Split(':', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray
        | _ -> []

    /// The folders in which an output, a package (lib/net8.0 of which is beside), .NET or the dynamic linker keeps TorchSharp's own library.
    let private folders () : string list =
        [
            for folder in beside () do
                folder
                Path.Combine(folder, native)
                Path.GetFullPath(Path.Combine(folder, "..", "..", native))

            yield! listed (AppContext.GetData "NATIVE_DLL_SEARCH_DIRECTORIES")
            yield! listed (Environment.GetEnvironmentVariable "LD_LIBRARY_PATH")
        ]

    /// The libtorch version of TorchSharp 0.107, in this user's package caches.
    let private restored () : string list =
        [
            for folder in beside () do
                Path.GetFullPath(Path.Combine(folder, "..", "..", "..", ".."))

            yield! listed (Environment.GetEnvironmentVariable "NUGET_PACKAGES")
            Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
        ]
        |> List.map (fun packages -> Path.Combine(packages, "libtorch-cpu-linux-x64", "2.10.0", native))
        |> List.filter Directory.Exists

    /// Writes a patched copy into a folder, unless it exists, and loads it. Its name identifies the original file.
    let private loadFrom (folder: string) (patched: byte[]) : nativeint =
        let hash = SHA256.HashData(ReadOnlySpan patched) |> Convert.ToHexStringLower
        let name = $"libLibTorchSharp-{hash.Substring(0, 16)}.so"
        let path = Path.Combine(folder, name)

        if not (File.Exists path && File.ReadAllBytes path = patched) then
            Directory.CreateDirectory folder |> ignore
            let draft = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}")
            File.WriteAllBytes(draft, patched)
            File.Move(draft, path, overwrite = true)

        NativeLibrary.Load path

    /// Loads a patched copy from the user's cache; if that cannot be written, from a temporary folder that is deleted once it is loaded.
    let private loadPatched (patched: byte[]) : nativeint =
        let kept =
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            )

        try
            if not (Path.IsPathRooted kept) then
                raise (IOException "This user has no folder.")

            loadFrom (Path.Combine(kept, "koopman", "native")) patched
        with
        | :? UnauthorizedAccessException
        | :? IOException ->
            let folder = Directory.CreateTempSubdirectory "koopman-"

            try
                loadFrom folder.FullName patched
            finally
                folder.Delete true

    /// Loads libtorch, so that libraries in other places find it in the process: from the folder of TorchSharp's own library or the user's setting,
    /// then from a package cache, and only then from the system, where the version may differ.
    let private loadLibtorch () : unit =
        let folder =
            folders () @ restored ()
            |> List.tryFind (fun folder -> File.Exists(Path.Combine(folder, "libtorch_cpu.so")))

        for name in [ "c10"; "torch_cpu"; "torch" ] do
            match folder with
            | Some folder -> byPath (Path.Combine(folder, $"lib{name}.so"))
            | None -> byName name
            |> ignore

    /// Loads TorchSharp's own library if .NET has not found it or could not load it; zero if there is none.
    let private remedy () : nativeint =
        let file =
            folders ()
            |> List.map (fun folder -> Path.Combine(folder, "libLibTorchSharp.so"))
            |> List.tryFind File.Exists

        let adapted (file: string) =
            match OldRuntime.patch (File.ReadAllBytes file) with
            | Ok patched -> loadPatched patched
            | Error why ->
                fail
                    $"{file} needs the C++ run-time library of GCC 13 (GLIBCXX_3.4.32), but this system's is older, and the file cannot be adapted to it: {why}"
                    "Use TorchSharp 0.107.0, or a newer system (Debian 13, Ubuntu 24.04, RHEL 10)"

        match file with
        | None -> 0n
        | Some file ->
            loadLibtorch ()

            try
                try
                    NativeLibrary.Load file
                with :? DllNotFoundException as error when OldRuntime.isCause error.Message ->
                    adapted file
            with :? DllNotFoundException as error ->
                let reason =
                    error.Message.Split '\n' |> Array.findBack (fun line -> line.Trim() <> "")

                fail
                    $"TorchSharp's native library does not load: {reason}"
                    "Reference libtorch 2.10 (the package TorchSharp-cpu, or libtorch-cpu-linux-x64 2.10.0), or name its folder in LD_LIBRARY_PATH"

    let private found = lazy remedy ()

    /// Installs the resolver for the native libraries of TorchSharp, without loading anything yet.
    let private prepared =
        lazy
            (reproducibleProducts ()
             soundConvolutions ()
             keepNumbers ()

             match AssemblyLoadContext.GetLoadContext(typeof<ErrorKind>.Assembly) with
             | null -> ()
             | context when
                 OperatingSystem.IsLinux()
                 && RuntimeInformation.ProcessArchitecture = Architecture.X64
                 ->
                 context.add_ResolvingUnmanagedDll (fun _ name -> if name = "LibTorchSharp" then found.Force() else 0n)
             | _ -> ())

    let private missing () =
        let platform = RuntimeInformation.RuntimeIdentifier

        fail
            "libtorch 2.10 was not found: the program uses TorchSharp without a package of native libraries"
            $"Add the package TorchSharp-cpu (or libtorch-cpu-{platform} alone, or for CUDA TorchSharp-cuda-linux or TorchSharp-cuda-windows), or name the folder of a libtorch 2.10 in LD_LIBRARY_PATH"

    let private loaded =
        lazy
            (prepared.Force()

             if OperatingSystem.IsLinux() then
                 // In TorchSharp's order, but before TorchSharp itself, which would first copy the package cache and end with a misleading message.
                 byName "torch_cuda" |> ignore

                 if not (byName "LibTorchSharp") then
                     missing ()
             else
                 try
                     TorchSharp.torch.InitializeDeviceType TorchSharp.DeviceType.CPU
                 with
                 | :? TypeInitializationException
                 | :? NotSupportedException -> missing ())

    let prepare () : unit = prepared.Force()

    let load () : unit = loaded.Force()

/// <summary>The native side of TorchSharp.</summary>
[<AbstractClass; Sealed>]
type Torch =
    /// <summary>
    /// Loads libtorch and prepares it. The library does this itself before its first tensor, and applications that reference its packages do it at
    /// their start. A script that uses <c>torch</c> before it calls this library must call it first. It may be called any number of times.
    /// </summary>
    /// <exception cref="T:Koopman.KoopmanException">There is no libtorch, or this system cannot load it: the message gives the remedy.</exception>
    static member Load() : unit = Natives.load ()

namespace global

/// Called by .NET before a program's first line where its configuration names this assembly (build/Koopman.Core.targets).
[<AbstractClass; Sealed>]
type internal StartupHook =
    static member Initialize() : unit = Koopman.Natives.prepare ()
