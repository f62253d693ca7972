namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>
/// A reversible diffusion on a line as a Markov chain on a fine grid, with the exact transition matrix exp(-τL) of its finite-volume
/// generator: data whose rates are known, without error of a time step.
/// </summary>
[<NoComparison; NoEquality>]
type GridChain =
    {
        /// <summary>The midpoints of the cells.</summary>
        Points: float[]
        /// <summary>The time of one step.</summary>
        Lag: float
        /// <summary>The positive eigenvalues of the generator, ascending: the exact rates of the chain.</summary>
        Rates: float[]
        /// <summary>The distribution function of the invariant law.</summary>
        Stationary: float[]
        /// <summary>The distribution functions of the next cell, by cell.</summary>
        Steps: float[][]
    }

/// <summary>Makes and simulates chains.</summary>
[<RequireQualifiedAccess>]
module GridChain =

    let private distribution (masses: float[]) : float[] =
        let positive = masses |> Array.map (max 0.0)
        let total = Array.sum positive

        positive
        |> Array.scan (+) 0.0
        |> Array.tail
        |> Array.map (fun sum -> sum / total)

    let private draw (distribution: float[]) (u: float) : int =
        let found = Array.BinarySearch(distribution, u)
        min (distribution.Length - 1) (if found >= 0 then found + 1 else ~~~found)

    /// <summary>
    /// The chain of dX = -V' dt + √(2T) dW on an interval with this many cells. At its ends V/T should be near 30: less omits mass, much more loses
    /// accuracy.
    /// </summary>
    let create
        (potential: float -> float)
        (temperature: float)
        (low: float, high: float)
        (cells: int)
        (lag: float)
        : GridChain =
        let h = (high - low) / float cells
        let points = Array.init cells (fun i -> low + (float i + 0.5) * h)
        let v = points |> Array.map (fun x -> potential x / temperature)

        let edge i =
            potential (low + float (i + 1) * h) / temperature

        let unit = temperature / (h * h)
        let matrix = Array2D.zeroCreate cells cells

        for i in 0 .. cells - 2 do
            matrix[i, i] <- matrix[i, i] + unit * exp (v[i] - edge i)
            matrix[i + 1, i + 1] <- matrix[i + 1, i + 1] + unit * exp (v[i + 1] - edge i)
            let coupling = -unit * exp (0.5 * (v[i] + v[i + 1]) - edge i)
            matrix[i, i + 1] <- coupling
            matrix[i + 1, i] <- coupling

        use _ = torch.NewDisposeScope()

        let struct (values, vectors) =
            torch.linalg.eigh (torch.tensor (matrix, dtype = torch.float64))

        let decay = ((-lag) * values).exp()
        let root = Tensors.ofVector (v |> Array.map (fun v -> exp (-0.5 * v)))

        let transition =
            (vectors * decay).times(vectors.t ()) * root.unsqueeze 0L / root.unsqueeze 1L

        {
            Points = points
            Lag = lag
            Rates = Array.tail (Tensors.toArray values)
            Stationary = distribution (v |> Array.map (fun v -> exp -v))
            Steps = Array.init cells (fun i -> distribution (Tensors.toArray (transition.select (0L, int64 i))))
        }

    /// <summary>Independent draws from the invariant law.</summary>
    let independent (count: int) (seed: Seed) (chain: GridChain) : float[] =
        use u = Seed.uniform [| int64 count |] seed
        Tensors.toArray u |> Array.map (fun u -> chain.Points[draw chain.Stationary u])

    /// <summary>A stationary trajectory of this many states.</summary>
    let trajectory (count: int) (seed: Seed) (chain: GridChain) : float[] =
        use u = Seed.uniform [| int64 count |] seed
        let u = Tensors.toArray u
        let mutable cell = draw chain.Stationary u[0]

        Array.init count (fun t ->
            if t > 0 then
                cell <- draw chain.Steps[cell] u[t]

            chain.Points[cell])
