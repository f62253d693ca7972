namespace Koopman.Tests

open System
open System.IO
open System.Runtime.InteropServices
open System.Text
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

module TorchTests =

    [<DllImport("libc", EntryPoint = "getenv")>]
    extern nativeint private getenv(string name)

    let private isLinux: bool =
        OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture = Architecture.X64

    /// TorchSharp's own native library, as it was published.
    let private genuine =
        lazy
            (File.ReadAllBytes(
                Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so")
            ))

    /// A test with the published library.
    let private testOfLibrary (name: string) (run: byte[] -> unit) : Test =
        testCase name (fun () ->
            if isLinux then
                run genuine.Value
            else
                skiptest "the library of Linux x64 is not here")

    /// The library with a name in it written differently, of the same length.
    let private forge (name: string) (other: string) (library: byte[]) : byte[] =
        Encoding.Latin1.GetBytes((Encoding.Latin1.GetString library).Replace(name, other, StringComparison.Ordinal))

    let private refuses (words: string) (library: byte[]) : unit =
        match OldRuntime.patch library with
        | Ok _ -> failtest "Expected the library to be refused"
        | Error why -> Expect.stringContains why words "why it is refused"

    let tests: Test =
        testList
            "Torch"
            [
                testOfLibrary "The published library loses its need of GCC 13, and nothing else" (fun library ->
                    match OldRuntime.patch library with
                    | Error why -> failtest why
                    | Ok patched ->
                        Expect.equal patched.Length library.Length "its length"

                        let changed =
                            Seq.zip library patched |> Seq.filter (fun (a, b) -> a <> b) |> Seq.length

                        Expect.inRange changed (1, 4 + 4 + 7 + 2) "the bytes that differ"
                        refuses "it does not need GLIBCXX_3.4.32" patched)

                testList
                    "A library of another release is refused"
                    [
                        for name, other, words in
                            [
                                "GLIBCXX_3.4.32", "GLIBCXX_3.4.33", "it does not need GLIBCXX_3.4.32"
                                "GLIBCXX_3.4.30", "GLIBCXX_3.4.31", "it does not need GLIBCXX_3.4.30"
                                "_ZSt21ios_base_library_initv", "_ZSt21ios_base_library_initw", "for other symbols"
                                "GLIBC_2.2.5", "GLIBC_2.2.9", "it does not need GLIBC_2.2.5"
                            ] do
                            testOfLibrary $"without {name}" (fun library -> forge name other library |> refuses words)
                    ]

                testOfLibrary "A library that was cut short is refused, wherever it was cut" (fun library ->
                    for length in Seq.append [ 0; 1; 16; 64 ] (seq { 1000..100_003 .. library.Length - 1 }) do
                        match OldRuntime.patch (Array.truncate length library) with
                        | Ok _ -> failtest $"{length} bytes of it were taken for the library"
                        | Error _ -> ())

                testCase "Only the dynamic linker's complaint about this version is the cause" (fun () ->
                    let complaint version =
                        $"/lib/x86_64-linux-gnu/libstdc++.so.6: version `{version}' not found (required by libLibTorchSharp.so)"

                    Expect.isTrue (OldRuntime.isCause (complaint "GLIBCXX_3.4.32")) "GCC 13's"
                    Expect.isFalse (OldRuntime.isCause (complaint "GLIBCXX_3.4.33")) "a later one"

                    Expect.isFalse
                        (OldRuntime.isCause "libtorch.so: cannot open shared object file: No such file or directory")
                        "another cause")

                testCase "Loading twice is loading once" (fun () ->
                    Torch.Load()
                    Torch.Load()
                    Expect.equal torch.__version__ "2.10.0.0" "the libtorch that package caches are searched for")

                testCase "Products are reproducible: native code sees the setting" (fun () ->
                    if OperatingSystem.IsWindows() then
                        skiptest "there the environment of .NET is that of native code"

                    Torch.Load()
                    let value = Marshal.PtrToStringAnsi(getenv "MKL_CBWR")
                    Expect.isNotNull value "MKL_CBWR"
                    Expect.equal value (Environment.GetEnvironmentVariable "MKL_CBWR") "what .NET sees")

                testCase "Nothing is collected beside the thread that computes" (fun () ->
                    Torch.Load()

                    Expect.equal
                        System.Runtime.GCSettings.LatencyMode
                        System.Runtime.GCLatencyMode.Batch
                        "numbers in operations live until native code has read them")

                testCase "Where the processor hides its caches, convolutions keep to kernels that are right" (fun () ->
                    if OperatingSystem.IsWindows() || not (Natives.hidesCaches ()) then
                        skiptest "this processor says how large its caches are; the tests of U-Nets see the gradients"

                    Torch.Load()
                    Expect.isNotNull (Marshal.PtrToStringAnsi(getenv "ONEDNN_MAX_CPU_ISA")) "ONEDNN_MAX_CPU_ISA")
            ]
