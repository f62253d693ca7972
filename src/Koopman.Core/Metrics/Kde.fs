namespace Koopman.Metrics

open System
open TorchSharp
open Koopman

/// <summary>A box with a regular grid, in one or two dimensions.</summary>
type DensityGrid =
    {
        /// <summary>The lower end along every axis.</summary>
        Low: float
        /// <summary>The upper end along every axis.</summary>
        High: float
        /// <summary>Grid points along every axis, ends included.</summary>
        Points: int
        /// <summary>1 or 2.</summary>
        Dimension: int
    }

    /// <summary>The coordinates along one axis.</summary>
    member this.Axis: float[] =
        Array.init this.Points (fun i -> this.Low + (this.High - this.Low) * float i / float (this.Points - 1))

    /// <summary>All grid points, (Points^Dimension)·Dimension values; the last axis varies fastest.</summary>
    member this.Nodes: float[] =
        let axis = this.Axis

        match this.Dimension with
        | 1 -> axis
        | 2 ->
            [|
                for x in axis do
                    for y in axis do
                        x
                        y
            |]
        | other -> invalidArg (nameof this.Dimension) $"A grid has 1 or 2 dimensions, not {other}"

    /// <summary>The volume of a cell.</summary>
    member this.Cell: float =
        pown ((this.High - this.Low) / float (this.Points - 1)) this.Dimension

/// <summary>Densities by Gaussian kernels on a grid.</summary>
[<RequireQualifiedAccess>]
module Kde =

    let private onGrid (grid: DensityGrid) (values: float[]) : float[] =
        let total = Array.sum values * grid.Cell
        values |> Array.map (fun v -> v / total)

    /// <summary>The kernel estimate of the samples' density at the grid's nodes, with integral 1 on the grid.</summary>
    /// <param name="bandwidth">The standard deviation of the kernel.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="samples">The samples, of the grid's dimension.</param>
    let density (bandwidth: float) (grid: DensityGrid) (samples: Samples) : float[] =
        use _ = Tensors.scope ()

        let nodes =
            Tensors.ofRows (pown grid.Points grid.Dimension) grid.Nodes
            |> Tensors.like samples.Points

        let middle = Samples.mean samples
        let nodes = nodes - middle
        let sum = Tensors.zeros [| nodes.shape[0] |] nodes

        for struct (start, count) in Tensors.pieces 1024 samples.Count do
            use _ = Tensors.scope ()
            let distance = torch.cdist (nodes, Tensors.rows start count samples.Points - middle)

            let kernel =
                distance.mul_(distance).mul_(Tensors.num (-0.5 / (bandwidth * bandwidth))).exp_()

            sum.add_ (kernel.mv (Tensors.rows start count samples.Weights)) |> ignore

        onGrid grid (Tensors.toArray sum)

    /// <summary>The density ∝ exp(-V/T) at the grid's nodes, with integral 1 on the grid.</summary>
    let boltzmann (grid: DensityGrid) (system: LangevinSystem) : float[] =
        let nodes = grid.Nodes
        let d = grid.Dimension

        Array.init (nodes.Length / d) (fun i ->
            exp (-system.Potential.Invoke(ReadOnlySpan(nodes, i * d, d)) / system.Temperature))
        |> onGrid grid

    /// <summary>KL(q‖p) = ∫ q log(q/p) of two densities on a grid. Kernel smoothing biases it upwards: compare with exact samples.</summary>
    let divergence (grid: DensityGrid) (q: float[]) (p: float[]) : float =
        Array.map2 (fun q p -> if q > 1e-300 then q * log (q / max p 1e-300) else 0.0) q p
        |> Array.sum
        |> (*) grid.Cell
