namespace Koopman

open TorchSharp

/// <summary>
/// The seed of random numbers. Every function that draws takes one; equal seeds, device and thread count give equal bits on a CPU.
/// </summary>
[<Struct>]
type Seed =
    private
    | Seed of uint64

    override this.ToString() : string =
        let (Seed value) = this
        string value

/// <summary>Makes seeds, derives independent ones, and draws with them.</summary>
[<RequireQualifiedAccess>]
module Seed =

    /// The finaliser of SplitMix64: neighbouring inputs give unrelated outputs.
    let private mix (z: uint64) : uint64 =
        let z = (z ^^^ (z >>> 30)) * 0xbf58476d1ce4e5b9UL
        let z = (z ^^^ (z >>> 27)) * 0x94d049bb133111ebUL
        z ^^^ (z >>> 31)

    /// <summary>The seed with this number.</summary>
    let ofInt (value: int) : Seed = Seed(uint64 value)

    /// <summary>A seed for one purpose, independent of those for other purposes.</summary>
    let derive (purpose: string) (Seed value) : Seed =
        // FNV-1a over the name, so that the order in which seeds are derived does not matter.
        let name =
            (0xcbf29ce484222325UL, purpose)
            ||> Seq.fold (fun hash c -> (hash ^^^ uint64 c) * 0x100000001b3UL)

        Seed(mix (value + 0x9e3779b97f4a7c15UL) ^^^ mix name)

    /// <summary>A CPU random number generator with this seed. The caller disposes it.</summary>
    let generator (Seed value) : torch.Generator =
        Torch.Load()
        new torch.Generator(mix value, torch.CPU)

    /// <summary>Standard normal numbers of the given shape, float64. The caller owns the tensor.</summary>
    let normal (shape: int64[]) (seed: Seed) : Tensor =
        use generator = generator seed
        torch.randn (shape, dtype = torch.float64, generator = generator)

    /// <summary>Numbers uniform on [0,1) of the given shape, float64. The caller owns the tensor.</summary>
    let uniform (shape: int64[]) (seed: Seed) : Tensor =
        use generator = generator seed
        torch.rand (shape, dtype = torch.float64, generator = generator)

    /// <summary>The numbers 0 to n-1 in random order.</summary>
    let permutation (n: int) (seed: Seed) : int[] =
        use generator = generator seed
        use order = torch.randperm (int64 n, generator = generator)
        Guarded.read<int64> order |> Array.map int
